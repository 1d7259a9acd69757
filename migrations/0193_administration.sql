-- migrate:up

-- People who see the figures of the whole server over REST. An operator appoints them, in psql alone.
CREATE TABLE operators (
    user_id      bigint PRIMARY KEY CONSTRAINT operators_user_exists REFERENCES users ON DELETE CASCADE,
    appointed_at timestamptz NOT NULL DEFAULT now()
);

-- Whether the accounts of the organisation's members are the organisation's to look after: their sessions, their data and
-- their deletion. An operator says so, in psql alone: a person joins a workspace, and does not give their account away by it.
ALTER TABLE organizations ADD COLUMN keeps_accounts boolean NOT NULL DEFAULT false;

-- The organisation in which an act was done, or upon which.
ALTER TABLE audit_log ADD COLUMN organization_id bigint;
CREATE INDEX audit_log_organization_idx ON audit_log (organization_id, id) WHERE organization_id IS NOT NULL;

-- For counting the messages of the last days. Messages are stored in the order of their time, so a few blocks are read.
CREATE INDEX messages_created_idx ON messages USING brin (created_at) WITH (pages_per_range = 32);

-- migrate:down
DROP INDEX messages_created_idx;
ALTER TABLE audit_log DROP COLUMN organization_id;
ALTER TABLE organizations DROP COLUMN keeps_accounts;
DROP TABLE operators;
