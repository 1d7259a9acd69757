-- migrate:up
-- Events for the admins of a chat, as there are for those of workspaces, and a chat's newest bans by index.
ALTER TABLE events DROP CONSTRAINT events_audience_known;
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'board' THEN board_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'admins' THEN num_nonnulls(chat_id, workspace_ids) = 1
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);
CREATE INDEX chat_bans_newest_idx ON chat_bans (chat_id, created_at, user_id);

-- migrate:down
DROP INDEX chat_bans_newest_idx;
DELETE FROM events WHERE audience = 'admins' AND chat_id IS NOT NULL;
ALTER TABLE events DROP CONSTRAINT events_audience_known;
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'board' THEN board_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'admins' THEN workspace_ids IS NOT NULL
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);
