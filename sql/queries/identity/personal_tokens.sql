-- name: token_open(session, hash, name, scopes, days, workspace)
-- Makes a personal access token for the user of a session; null if the session has ended.
SELECT token_json(made)::text FROM open_token(:session, :hash, :name, :scopes, :days, :workspace) made WHERE made.id IS NOT NULL;

-- name: tokens_of_user(user, after, limit)
-- A page of the user's personal access tokens that have not ended, by id.
WITH page AS (
    SELECT id, token_json(sessions) AS item FROM sessions
    WHERE user_id = :user AND provider = 'token' AND revoked_at IS NULL AND expires_at > now() AND id > :after
    ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: token_end(user, target)
-- Ends one of the user's personal access tokens; no row if there is none.
SELECT end_sessions('ended', :user, :target, way_in => 'token');

-- name: token_of_hash(hash)
-- The session behind a personal access token or an app's, and its scopes: none of it ever changes. `expires_at` is in seconds since
-- 1970. Whether the session is still valid is asked of `session_is_good`.
SELECT session_id, user_id, expires_at, scopes, workspace_id FROM token_session(:hash);

-- name: workspace_of(chat, document, file, message, upload)
-- The workspace of one of these, the others being null; null if there is none.
SELECT coalesce((SELECT workspace_id FROM chats WHERE id = :chat), (SELECT workspace_id FROM documents WHERE id = :document),
                (SELECT workspace_id FROM files WHERE id = :file), (SELECT workspace_id FROM uploads WHERE id = :upload),
                (SELECT c.workspace_id FROM messages m JOIN chats c ON c.id = m.chat_id WHERE m.id = :message));

-- name: tokens_used(sessions)
-- These tokens were used a moment ago.
UPDATE sessions SET last_seen_at = now() WHERE id = ANY ((SELECT :sessions::bigint[])::bigint[]);
