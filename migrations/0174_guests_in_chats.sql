-- migrate:up

-- A guest of an organisation is in chats of its workspaces, and in none of the workspaces: `guest_of` is the organisation.
-- Everybody else in a chat is in its workspace, `home_id`.
ALTER TABLE chat_members
    ADD COLUMN guest_of bigint,
    ADD COLUMN home_id bigint GENERATED ALWAYS AS (CASE WHEN guest_of IS NULL THEN workspace_id END) STORED,
    DROP CONSTRAINT chat_members_in_workspace,
    ADD CONSTRAINT chat_members_in_workspace FOREIGN KEY (home_id, user_id)
        REFERENCES workspace_members (workspace_id, user_id) ON DELETE CASCADE,
    ADD CONSTRAINT chat_members_guest_in_organization FOREIGN KEY (guest_of, user_id)
        REFERENCES organization_members (organization_id, user_id) ON DELETE CASCADE;
CREATE INDEX chat_members_guests_idx ON chat_members (chat_id, user_id) WHERE guest_of IS NOT NULL;
CREATE INDEX chat_members_guest_idx ON chat_members (user_id, chat_id) WHERE guest_of IS NOT NULL;

-- migrate:down
DELETE FROM chats USING chat_members WHERE chat_id = chats.id AND guest_of IS NOT NULL AND type = 'Single';
DELETE FROM chat_members WHERE guest_of IS NOT NULL;
DROP INDEX chat_members_guests_idx, chat_members_guest_idx;
ALTER TABLE chat_members
    DROP CONSTRAINT chat_members_in_workspace,
    DROP CONSTRAINT chat_members_guest_in_organization,
    DROP COLUMN home_id,
    DROP COLUMN guest_of,
    ADD CONSTRAINT chat_members_in_workspace FOREIGN KEY (workspace_id, user_id)
        REFERENCES workspace_members (workspace_id, user_id) ON DELETE CASCADE;
