-- name: session_is_good(session, user)
-- The remaining seconds of a token's session; null if it has ended, or its user is not active, or a bot where there are
-- none, or an app that is not in use.
SELECT extract(epoch FROM expires_at - now())::float8 FROM sessions JOIN users ON users.id = user_id
WHERE sessions.id = :session AND user_id = :user AND revoked_at IS NULL AND expires_at > now() AND is_in_use(users) AND app_is_in_use(app_id);

-- name: refresh_token_rotate(old_hash, successors, lifetime_days)
-- outcome: rotated, refused or reused; with the user as JSON, and which of the successors is now valid, if rotated.
SELECT outcome, user_id, session_id, generation, user_json(users)::text AS user
FROM rotate_refresh_token(:old_hash, :successors, :lifetime_days) LEFT JOIN users ON users.id = user_id;

-- name: session_revoke(session)
-- Ends this session.
SELECT end_sessions('logout', session => :session);

-- name: sessions_revoke(user)
-- Ends all sessions of the user.
SELECT end_sessions('logout_all', :user);

-- name: ticket_add(hash, session, seconds, token_expires_at)
-- A ticket to open one stream; returns when it ends.
INSERT INTO tickets (hash, session_id, expires_at, token_expires_at)
VALUES (:hash, :session, now() + make_interval(secs => :seconds::integer), :token_expires_at)
RETURNING expires_at;

-- name: session_auth_age(session)
-- The seconds since the session's user last proved who they are.
SELECT extract(epoch FROM now() - auth_time)::float8 FROM sessions WHERE id = :session;

-- name: session_device(session)
-- The device on which it began, by the hash of its secret.
SELECT device_hash FROM sessions WHERE id = :session;

-- name: session_reauthenticated(session, amr)
-- The user of the session has just proved again who they are, in these ways too.
UPDATE sessions SET auth_time = now(), amr = ARRAY(SELECT DISTINCT unnest(amr || :amr::text[]) ORDER BY 1) WHERE id = :session;

-- name: sessions_end_by_provider(provider, sid, identity)
-- Ends the sessions that a provider names by its own session, or by the user's identity there; returns their users.
SELECT DISTINCT end_sessions('provider', way_in => :provider, way_in_sid => :sid, identity => :identity);

-- name: sessions_end_by_identity(identity)
-- Ends the sessions that began with an identity, and the personal access tokens that were made in them; returns their user.
SELECT DISTINCT end_sessions('provider', identity => :identity);

-- name: sessions_end_by_name_id(provider, name_id, sids)
-- Ends the sessions of whom a provider of SAML calls so: those that it names, or all; returns their users.
SELECT DISTINCT end_sessions('provider', way_in => :provider, way_in_sid => sid, called => :name_id)
FROM unnest(coalesce(nullif(:sids::text[], '{}'), ARRAY[NULL::text])) AS sid;

-- name: session_provider(session)
-- The way in by which a session began, and the provider's names of its own session and of the user.
SELECT provider, provider_sid, name_id::text FROM sessions WHERE id = :session;

-- name: sessions_of_user(user, session, after, limit)
-- A page of the user's open sessions, by id, without those of programs; the asking one is the current one.
WITH page AS (
    SELECT id, session_json(sessions, :session) AS item FROM sessions
    WHERE user_id = :user AND provider NOT IN ('token', 'app') AND revoked_at IS NULL AND expires_at > now() AND id > :after
    ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: session_end(user, target)
-- Ends one open session of the user's; no row if there is none.
SELECT end_sessions('ended', :user, :target);
