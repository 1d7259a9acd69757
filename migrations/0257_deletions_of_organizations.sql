-- migrate:up

-- The organisations that a deleted person was in: their owners see how far the deletion is, after the membership is gone, too.
ALTER TABLE person_deletions ADD COLUMN organizations bigint[] NOT NULL DEFAULT '{}';
UPDATE person_deletions d SET organizations = ARRAY(
    SELECT m.organization_id FROM organization_members m WHERE m.user_id = d.user_id ORDER BY 1);
CREATE INDEX person_deletions_organizations_idx ON person_deletions USING gin (organizations);
CREATE INDEX held_content_user_idx ON held_content (user_id, workspace_id);

-- migrate:down
DROP INDEX held_content_user_idx;
ALTER TABLE person_deletions DROP COLUMN organizations;
