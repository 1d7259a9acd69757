-- migrate:up

-- Whether this member's account is the organisation's to look after. An operator said so while they were a member: anybody
-- who shares a workspace with somebody puts them into an organisation, and that is no consent.
ALTER TABLE organization_members ADD COLUMN account_kept boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE organization_members DROP COLUMN account_kept;
