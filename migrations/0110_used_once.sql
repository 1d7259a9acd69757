-- migrate:up

-- Hashes of what may be used only once, such as a sign-in's state or a logout token's id, until it expires by itself.
CREATE TABLE used_once (
    hash       bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX used_once_expires_at_idx ON used_once (expires_at);

-- migrate:down
DROP TABLE used_once;
