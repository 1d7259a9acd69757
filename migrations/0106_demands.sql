-- migrate:up

-- Whether a workspace may demand how its members sign in. That concerns their whole account, and anybody may have a
-- workspace: so operators say which may.
ALTER TABLE workspaces ADD COLUMN may_demand boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE workspaces DROP COLUMN may_demand;
