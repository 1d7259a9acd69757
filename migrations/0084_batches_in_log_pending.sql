-- migrate:up

-- Events that a statement has gathered together, before COMMIT: all have the number of their batch, and so has the row that takes
-- their turn at COMMIT.
ALTER TABLE log_pending ADD batch bigint, ADD opens_batch boolean NOT NULL DEFAULT false;
-- The row that has the log flushed is there for the transaction, or is not.
CREATE INDEX log_pending_first_idx ON log_pending (xid) WHERE first;

-- migrate:down

DROP INDEX log_pending_first_idx;
ALTER TABLE log_pending DROP batch, DROP opens_batch;
