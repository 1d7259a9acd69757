-- migrate:up

-- Until when a server is telling a bot of this; null: none is. `due_at` does not say it: what failed waits, too.
ALTER TABLE bot_events ADD COLUMN claimed_until timestamptz;
CREATE INDEX bot_events_claimed_idx ON bot_events (claimed_until) WHERE claimed_until IS NOT NULL;

-- migrate:down
DROP INDEX bot_events_claimed_idx;
ALTER TABLE bot_events DROP COLUMN claimed_until;
