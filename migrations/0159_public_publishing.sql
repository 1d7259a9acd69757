-- migrate:up

-- Whether pages of a workspace may be published for everyone. Where not, what has been is shown to its members alone.
ALTER TABLE workspaces ADD COLUMN public_publishing boolean NOT NULL DEFAULT true;

-- migrate:down
ALTER TABLE workspaces DROP COLUMN public_publishing;
