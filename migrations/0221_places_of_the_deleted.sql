-- migrate:up

-- The workspaces that the person owned: one that was called after them loses the name in the logs, too, and nobody else's does.
ALTER TABLE person_deletions ADD COLUMN workspaces bigint[] NOT NULL DEFAULT '{}';

-- migrate:down
ALTER TABLE person_deletions DROP COLUMN workspaces;
