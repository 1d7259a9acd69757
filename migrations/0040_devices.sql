-- migrate:up

-- A browser or program on which somebody has signed in. It keeps a secret, of which the SHA-256 is here, and shows it at the
-- next sign-in: wrong passwords of a known device are counted by themselves, so that nobody else's lock its user out.
CREATE TABLE devices (
    user_id      bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    hash         bytea NOT NULL,
    signed_in_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, hash),
    CONSTRAINT devices_hash_length CHECK (length(hash) = 32)
);
-- One device may have signed in to several accounts.
CREATE INDEX devices_hash_idx ON devices (hash);
CREATE INDEX devices_signed_in_at_idx ON devices (signed_in_at);

-- The device that a session was opened on: a new password forgets all others.
ALTER TABLE sessions ADD COLUMN device_hash bytea;

-- migrate:down
ALTER TABLE sessions DROP COLUMN device_hash;
DROP TABLE devices;
