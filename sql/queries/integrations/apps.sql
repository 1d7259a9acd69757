-- name: app_create(owner, workspace, name, description, redirect_uris, scopes, secret_hash)
-- Registers an app of a workspace.
INSERT INTO apps (owner_id, workspace_id, name, description, redirect_uris, scopes, secret_hash)
VALUES (:owner, :workspace, :name, :description, :redirect_uris, ARRAY(SELECT DISTINCT unnest(:scopes::text[]) ORDER BY 1), :secret_hash)
RETURNING app_json(apps)::text;

-- name: apps_of_workspace(workspace, after, limit)
-- A page of the apps of a workspace, by id.
WITH page AS (
    SELECT id, app_json(apps) AS item FROM apps WHERE workspace_id = :workspace AND id > :after ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: app_lock(app)
-- An app's workspace and owner, which stay so until the transaction ends; no row if there is none.
SELECT workspace_id, owner_id FROM apps WHERE id = :app FOR NO KEY UPDATE;

-- name: app_update(app, name, description, redirect_uris, scopes, owner)
-- Changes what is not null.
UPDATE apps SET name = coalesce(:name, name), description = coalesce(:description, description),
                redirect_uris = coalesce(:redirect_uris, redirect_uris),
                scopes = CASE WHEN :scopes::text[] IS NULL THEN scopes ELSE ARRAY(SELECT DISTINCT unnest(:scopes::text[]) ORDER BY 1) END,
                owner_id = coalesce(:owner, owner_id)
WHERE id = :app RETURNING app_json(apps)::text;

-- name: app_secret_set(app, secret_hash)
-- Replaces the secret of a confidential client; no row for a public one.
UPDATE apps SET secret_hash = :secret_hash WHERE id = :app AND secret_hash IS NOT NULL RETURNING app_json(apps)::text;

-- name: app_delete(app)
-- Deletes an app, and ends what it may do. Returns the persons that it acted for.
WITH ended AS MATERIALIZED (SELECT end_app(:app) AS user_id), gone AS (DELETE FROM apps WHERE id = :app)
SELECT user_id FROM ended;

-- name: app_asking(app, user, redirect_uri, workspace)
-- What is needed to answer an app that asks a person: how they see it (null for others than members of its workspace),
-- whether the address is its own, what it may ask for, and the person's workspaces in which apps are
-- switched on; `everywhere`: that is all of them.
SELECT app_for(:user, a.id)::text AS app, is_redirect_uri_of(a, :redirect_uri) AS is_own_address, a.scopes, a.workspace_id,
       (SELECT json_build_object('id', w.id, 'name', w.name) FROM workspaces w JOIN workspace_members m ON m.workspace_id = w.id
        WHERE w.id = :workspace AND m.user_id = :user AND admits_apps(w))::text AS bound_to,
       (SELECT coalesce(json_agg(json_build_object('id', w.id, 'name', w.name) ORDER BY w.name, w.id), '[]')
        FROM workspaces w JOIN workspace_members m ON m.workspace_id = w.id WHERE m.user_id = :user AND admits_apps(w))::text AS workspaces,
       may_connect_everywhere(:user) AS everywhere
FROM apps a WHERE a.id = :app;

-- name: app_agree(maker, app, workspace, scopes, redirect_uri, challenge, hash)
-- Keeps what a person has agreed to; false if they may not.
SELECT agree_to_app(:maker, :app, :workspace, :scopes, :redirect_uri, :challenge, :hash);

-- name: app_client(app)
-- How a client shows who it is; no row if there is none.
SELECT a.id, a.secret_hash FROM apps a WHERE a.id = :app;

-- name: app_code_exchange(code_hash, app, redirect, proof, access_hash, refresh_hash, seconds, days)
-- Exchanges a code for tokens.
SELECT outcome, user_id, session_id, scopes, workspace_id
FROM exchange_app_code(:code_hash, :app, :redirect, :proof, :access_hash, :refresh_hash, :seconds, :days);

-- name: app_refresh(old_hash, app, successors, access_hash, wanted, seconds, days)
-- The next tokens for a refresh token.
SELECT outcome, user_id, session_id, generation, scopes, workspace_id
FROM refresh_app(:old_hash, :app, :successors, :access_hash, :wanted, :seconds, :days);

-- name: app_token_introspect(hash, app)
-- A token of an app that is good; no row for others.
SELECT session_id, user_id, username, scopes, kind, issued_at, expires_at FROM app_token_of(:hash, :app);

-- name: app_token_revoke(hash, app)
-- Ends what a token of an app is of; returns its person.
SELECT revoke_app_token(:hash, :app);

-- name: apps_connected(user, after, limit)
-- A page of the apps that a person has connected, by id.
WITH page AS (SELECT id, item FROM connected_apps(:user) WHERE id > :after ORDER BY id LIMIT :limit + 1)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: app_disconnect(user, app)
-- Ends what an app may do for a person, and what they have agreed to; a row for each of its sessions' persons.
SELECT disconnect_app(:user, :app);

-- name: app_codes_expire()
-- Codes are kept for a day, so that a second use is noticed.
DELETE FROM app_codes WHERE hash IN
    (SELECT hash FROM app_codes WHERE expires_at < now() - interval '1 day' LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: app_tokens_expire()
-- Access tokens of apps that have expired.
DELETE FROM app_tokens WHERE hash IN
    (SELECT hash FROM app_tokens WHERE expires_at < now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;
