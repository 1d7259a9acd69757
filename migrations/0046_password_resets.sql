-- migrate:up

-- A way back for somebody who has forgotten their password: an operator makes it (ops.reset_password), it is good once, and
-- a user has one at most. The SHA-256 of its token is here, the token is nowhere.
CREATE TABLE password_resets (
    user_id    bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL,
    CONSTRAINT password_resets_token_hash_length CHECK (length(token_hash) = 32)
);
CREATE INDEX password_resets_expires_at_idx ON password_resets (expires_at);

-- migrate:down
DROP TABLE password_resets;
