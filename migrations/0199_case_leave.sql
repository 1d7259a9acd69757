-- migrate:up

-- Whether exports for cases may be asked for in a workspace. Two owners must agree, but anybody may have two accounts: so
-- operators say where owners are people who answer for what they do.
ALTER TABLE workspaces ADD COLUMN may_export_cases boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE workspaces DROP COLUMN may_export_cases;
