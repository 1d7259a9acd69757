-- Personal access tokens.

CREATE VIEW ops.tokens AS
SELECT s.id AS session, u.email, s.token_name AS name, s.scopes, s.workspace_id AS workspace,
       CASE WHEN s.revoked_at IS NOT NULL THEN s.revoked_reason WHEN s.expires_at <= now() THEN 'expired' ELSE 'open' END AS state,
       s.created_at, s.expires_at, s.last_seen_at AS last_used_at,
       (SELECT count(*) FROM streams WHERE session_id = s.id) AS streams
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_hash IS NOT NULL ORDER BY s.id DESC;
COMMENT ON VIEW ops.tokens IS 'Personal access tokens, newest first: open, expired, or why they ended; scopes, the workspace that they are bound to, last use, and their open streams.';

CREATE FUNCTION ops.end_token(session bigint, OUT email text, OUT name text) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    SELECT u.email, s.token_name INTO email, name FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = end_token.session AND s.token_hash IS NOT NULL AND s.revoked_at IS NULL;
    IF name IS NULL THEN
        RAISE no_data_found USING MESSAGE = format('there is no open token %s', session), HINT = 'SELECT * FROM ops.tokens;';
    END IF;
    PERFORM end_sessions('operator', session => end_token.session);
END
$$;
COMMENT ON FUNCTION ops.end_token IS 'Ends a personal access token, and its open streams. ops.sign_out ends those of a user, with all their sessions.';
