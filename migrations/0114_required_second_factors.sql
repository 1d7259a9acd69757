-- migrate:up

-- Workspaces whose members must have a second factor.
CREATE TABLE required_second_factors (
    workspace_id bigint PRIMARY KEY
        CONSTRAINT required_second_factors_workspace_exists REFERENCES workspaces ON DELETE CASCADE,
    required_at  timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE required_second_factors;
