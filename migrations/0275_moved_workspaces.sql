-- migrate:up

-- Workspaces that were deleted here because they are in another installation, whose address is moved_to: a row for the last
-- time. It is made in the transaction that deletes its workspace, whose members are told the address.
CREATE TABLE moved_workspaces (
    workspace_id bigint PRIMARY KEY,
    moved_to text NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT moved_workspaces_to_address CHECK (octet_length(moved_to) <= 2048 AND moved_to ~ '^https?://[^[:space:]]+$')
);

-- migrate:down
DROP TABLE moved_workspaces;
