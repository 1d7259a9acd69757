-- migrate:up

-- People. An address is one person's, however its letters are cased.
CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL,
    fullname      text NOT NULL,
    password_hash text NOT NULL,
    avatar        text,
    status        text NOT NULL DEFAULT 'active',
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_format CHECK (length(email) <= 254 AND email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'),
    CONSTRAINT users_fullname_length CHECK (length(fullname) <= 64 AND btrim(fullname) <> ''),
    CONSTRAINT users_avatar_length CHECK (length(avatar) BETWEEN 1 AND 2048),
    CONSTRAINT users_status_known CHECK (status IN ('active', 'suspended'))
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

-- A session is one sign-in: a family of refresh tokens, of which only the newest is good.
CREATE TABLE sessions (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id        bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at     timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    revoked_at     timestamptz,
    revoked_reason text,
    CONSTRAINT sessions_revoked_reason CHECK (
        (revoked_at IS NULL AND revoked_reason IS NULL)
        OR (revoked_at IS NOT NULL
            AND revoked_reason IN ('logout', 'password_changed', 'token_reused', 'suspended', 'operator')))
);
CREATE INDEX sessions_user_idx ON sessions (user_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_expires_idx ON sessions (expires_at);

-- Only hashes are kept. A used token stays until its session goes, so that its reuse is noticed.
CREATE TABLE refresh_tokens (
    hash       bytea PRIMARY KEY,
    session_id bigint NOT NULL REFERENCES sessions ON DELETE CASCADE,
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session_id);

-- A ticket opens one stream, once. Unlogged: a crash costs its holder one more request.
CREATE UNLOGGED TABLE tickets (
    hash             bytea PRIMARY KEY,
    session_id       bigint NOT NULL REFERENCES sessions ON DELETE CASCADE,
    expires_at       timestamptz NOT NULL,
    token_expires_at timestamptz NOT NULL
);
CREATE INDEX tickets_session_idx ON tickets (session_id);
CREATE INDEX tickets_expires_idx ON tickets (expires_at);

-- Fixed windows, shared by every process. A bucket is 'signin:account:…', 'signin:address:…'.
CREATE UNLOGGED TABLE rate_limits (
    bucket      text PRIMARY KEY,
    hits        integer NOT NULL,
    window_ends timestamptz NOT NULL,
    CONSTRAINT rate_limits_bucket_length CHECK (length(bucket) <= 200)
);
CREATE INDEX rate_limits_window_idx ON rate_limits (window_ends);

-- migrate:down
DROP TABLE rate_limits, tickets, refresh_tokens, sessions, users;
