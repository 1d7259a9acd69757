-- migrate:up

-- Since when an account is a deleted person's: its row stays, since what others have said refers to it, and says nothing of
-- the person.
ALTER TABLE users ADD COLUMN deleted_at timestamptz;

-- Deletions of people: begun, and finished when nothing is left that a hold does not keep. `words` are the names that are
-- looked for in the logs; then they go, too. message_id, log_position and audit_id say how far it has come.
CREATE TABLE person_deletions (
    user_id      bigint PRIMARY KEY CONSTRAINT person_deletions_user_exists REFERENCES users,
    begun_at     timestamptz NOT NULL DEFAULT now(),
    left_at      timestamptz,
    words        text[],
    message_id   bigint NOT NULL DEFAULT 0,
    log_position bigint NOT NULL DEFAULT 0,
    audit_id     bigint NOT NULL DEFAULT 0,
    finished_at  timestamptz
);
CREATE INDEX person_deletions_unfinished_idx ON person_deletions (user_id) WHERE finished_at IS NULL;

-- migrate:down
DROP TABLE person_deletions;
ALTER TABLE users DROP COLUMN deleted_at;
