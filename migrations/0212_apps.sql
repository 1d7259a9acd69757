-- migrate:up

-- Programs of others to which people give access by OAuth. The id is the client_id. A public client has no secret.
CREATE TABLE apps (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    owner_id      bigint REFERENCES users ON DELETE SET NULL, -- null once they have left: nobody can connect it
    name          text NOT NULL,
    description   text NOT NULL DEFAULT '',
    redirect_uris text[] NOT NULL,
    scopes        text[] NOT NULL, -- the most that it may ask for
    secret_hash   bytea,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT apps_name_length CHECK (length(name) <= 80 AND btrim(name) <> ''),
    CONSTRAINT apps_description_length CHECK (length(description) <= 500),
    CONSTRAINT apps_redirect_uris_amount CHECK (cardinality(redirect_uris) BETWEEN 1 AND 10),
    CONSTRAINT apps_scopes_size CHECK (cardinality(scopes) BETWEEN 1 AND 32),
    CONSTRAINT apps_secret_hash_length CHECK (octet_length(secret_hash) = 32)
);
CREATE INDEX apps_workspace_idx ON apps (workspace_id, id);
CREATE INDEX apps_owner_idx ON apps (owner_id);

-- What an app may do for a person is a session, as a personal access token is: whatever ends sessions ends it.
ALTER TABLE sessions
    ADD COLUMN app_id bigint REFERENCES apps ON DELETE CASCADE,
    DROP CONSTRAINT sessions_token_complete,
    ADD CONSTRAINT sessions_token_complete CHECK (
        num_nulls(token_hash, token_name, scopes) = CASE provider WHEN 'token' THEN 0 WHEN 'app' THEN 2 ELSE 3 END),
    ADD CONSTRAINT sessions_app_complete CHECK (
        (provider = 'app') = (app_id IS NOT NULL) AND (app_id IS NULL OR scopes IS NOT NULL)),
    DROP CONSTRAINT sessions_workspace_of_tokens,
    ADD CONSTRAINT sessions_workspace_of_tokens CHECK (workspace_id IS NULL OR provider IN ('token', 'app'));
CREATE INDEX sessions_app_idx ON sessions (app_id, user_id) WHERE app_id IS NOT NULL;

-- What a person has agreed to, until the app fetches its tokens: once, within a minute. It is kept for a day, so that a
-- second use is noticed.
CREATE TABLE app_codes (
    hash         bytea PRIMARY KEY,
    app_id       bigint NOT NULL REFERENCES apps ON DELETE CASCADE,
    maker_id     bigint NOT NULL REFERENCES sessions ON DELETE CASCADE, -- the session in which they agreed
    workspace_id bigint REFERENCES workspaces ON DELETE CASCADE,
    scopes       text[] NOT NULL,
    redirect_uri text NOT NULL,
    challenge    text NOT NULL,
    expires_at   timestamptz NOT NULL DEFAULT now() + interval '1 minute',
    used_at      timestamptz,
    session_id   bigint REFERENCES sessions ON DELETE SET NULL,
    CONSTRAINT app_codes_hash_length CHECK (octet_length(hash) = 32),
    CONSTRAINT app_codes_challenge_form CHECK (challenge ~ '^[A-Za-z0-9_-]{43}$'),
    CONSTRAINT app_codes_scopes_size CHECK (cardinality(scopes) BETWEEN 1 AND 32)
);
CREATE INDEX app_codes_app_idx ON app_codes (app_id);
CREATE INDEX app_codes_maker_idx ON app_codes (maker_id);
CREATE INDEX app_codes_workspace_idx ON app_codes (workspace_id);
CREATE INDEX app_codes_session_idx ON app_codes (session_id);
CREATE INDEX app_codes_expires_idx ON app_codes (expires_at);

-- Access tokens of apps: each refresh makes one, which lives for minutes.
CREATE TABLE app_tokens (
    hash       bytea PRIMARY KEY,
    session_id bigint NOT NULL REFERENCES sessions ON DELETE CASCADE,
    scopes     text[] NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT app_tokens_hash_length CHECK (octet_length(hash) = 32),
    CONSTRAINT app_tokens_scopes_size CHECK (cardinality(scopes) BETWEEN 1 AND 32)
);
CREATE INDEX app_tokens_session_idx ON app_tokens (session_id);
CREATE INDEX app_tokens_expires_idx ON app_tokens (expires_at);

-- migrate:down
DROP TABLE app_tokens;
DROP TABLE app_codes;
DELETE FROM sessions WHERE provider = 'app';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE sessions
    DROP CONSTRAINT sessions_app_complete,
    DROP CONSTRAINT sessions_token_complete,
    DROP CONSTRAINT sessions_workspace_of_tokens,
    DROP COLUMN app_id,
    ADD CONSTRAINT sessions_token_complete CHECK (num_nulls(token_hash, token_name, scopes) = CASE provider WHEN 'token' THEN 0 ELSE 3 END),
    ADD CONSTRAINT sessions_workspace_of_tokens CHECK (workspace_id IS NULL OR provider = 'token');
DROP TABLE apps;
