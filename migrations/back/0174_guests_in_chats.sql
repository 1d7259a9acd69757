-- Guests leave their chats, and are counted out of them: the triggers that count are gone by now.
DELETE FROM chats USING chat_members WHERE chat_id = chats.id AND guest_of IS NOT NULL AND type = 'Single';
WITH gone AS (DELETE FROM chat_members WHERE guest_of IS NOT NULL RETURNING chat_id)
UPDATE chats SET member_count = member_count - lost.amount
FROM (SELECT chat_id, count(*) AS amount FROM gone GROUP BY chat_id) lost WHERE chats.id = lost.chat_id;
DROP INDEX chat_members_guests_idx, chat_members_guest_idx;
ALTER TABLE chat_members
    DROP CONSTRAINT chat_members_in_workspace,
    DROP CONSTRAINT chat_members_guest_in_organization,
    DROP COLUMN home_id,
    DROP COLUMN guest_of,
    ADD CONSTRAINT chat_members_in_workspace FOREIGN KEY (workspace_id, user_id)
        REFERENCES workspace_members (workspace_id, user_id) ON DELETE CASCADE;
