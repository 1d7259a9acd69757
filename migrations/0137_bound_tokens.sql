-- migrate:up

-- A personal access token may be bound to a workspace: it sees and changes nothing else, and goes with it.
ALTER TABLE sessions
    ADD COLUMN workspace_id bigint REFERENCES workspaces ON DELETE CASCADE,
    ADD CONSTRAINT sessions_workspace_of_tokens CHECK (workspace_id IS NULL OR provider = 'token');
CREATE INDEX sessions_workspace_idx ON sessions (workspace_id) WHERE workspace_id IS NOT NULL;

-- migrate:down
UPDATE sessions SET revoked_at = now(), revoked_reason = 'ended' WHERE workspace_id IS NOT NULL AND revoked_at IS NULL;
ALTER TABLE sessions DROP COLUMN workspace_id;
