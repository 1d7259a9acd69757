-- migrate:up

-- One row, which changes whenever a hold is placed. A transaction whose snapshot is older finds this out by locking the
-- row, and fails.
CREATE TABLE hold_changes (
    singleton boolean PRIMARY KEY DEFAULT true,
    placed    bigint NOT NULL DEFAULT 0,
    CONSTRAINT hold_changes_singleton CHECK (singleton)
);
INSERT INTO hold_changes DEFAULT VALUES;

-- migrate:down
DROP TABLE hold_changes;
