-- migrate:up

-- What an event does to the access of its user_id to the place that it is about; null where it does nothing:
--   grant        lets them in as a member (docs/adr/0024-an-event-says-what-it-does-to-access.md)
--   grant_admin  lets them in as one of those who administer the place
--   promote      a member administers it from here on
--   demote       … and no longer does
--   revoke       takes them out
ALTER TABLE events ADD COLUMN effect text;

-- One more audience: contacts, user_id and the members of workspace_ids.
ALTER TABLE events DROP CONSTRAINT events_audience_known;
UPDATE events SET audience = 'contacts' WHERE kind = 'UserUpdated' AND audience = 'workspaces' AND user_id IS NOT NULL;
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'board' THEN board_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'contacts' THEN user_id IS NOT NULL AND workspace_ids IS NOT NULL
        WHEN 'admins' THEN num_nonnulls(chat_id, board_id, workspace_ids) = 1
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);

-- Cursors that were given out before go on being good. What an event did stands in its kind and in the role that it tells;
-- whether that role was a new one, in ChatAdminAdded and BoardOwnerAdded, which come next where it was. In a workspace that
-- comes only where there are reports: there an owner who became an admin counts as promoted, and replay starts anew.
UPDATE events e SET effect = CASE
    WHEN kind IN ('UserLeftChat', 'ChatDeleted', 'UserLeftBoard', 'BoardDeleted', 'WorkspaceMemberLeft', 'WorkspaceDeleted') THEN 'revoke'
    WHEN kind IN ('NewChat', 'NewBoard', 'BoardRestored', 'WorkspaceMemberJoined')
        THEN CASE WHEN payload ->> 'role' IN ('owner', 'admin') THEN 'grant_admin' ELSE 'grant' END
    WHEN payload ->> 'role' NOT IN ('owner', 'admin') THEN 'demote'
    WHEN kind = 'WorkspaceMemberUpdated' OR EXISTS (
        SELECT FROM events next
        WHERE next.position = e.position + 1 AND next.kind IN ('ChatAdminAdded', 'BoardOwnerAdded')) THEN 'promote'
    END
WHERE kind IN ('UserLeftChat', 'ChatDeleted', 'UserLeftBoard', 'BoardDeleted', 'WorkspaceMemberLeft', 'WorkspaceDeleted',
               'NewChat', 'NewBoard', 'BoardRestored', 'WorkspaceMemberJoined',
               'ChatMemberUpdated', 'BoardMemberUpdated', 'WorkspaceMemberUpdated');

ALTER TABLE events ADD CONSTRAINT events_effect_known CHECK (
    effect IS NULL
    OR effect IN ('grant', 'grant_admin', 'promote', 'demote', 'revoke')
       AND user_id IS NOT NULL AND num_nonnulls(chat_id, board_id, workspace_ids) = 1);
DROP INDEX events_granted_idx;
CREATE INDEX events_effect_idx ON events (user_id, position) WHERE effect IS NOT NULL;

ALTER TABLE log_pending ADD COLUMN effect text;
DROP INDEX log_pending_memberships_idx;
CREATE INDEX log_pending_memberships_idx ON log_pending ((ARRAY[user_id, chat_id, board_id, workspace_ids[1]]))
    WHERE effect IN ('grant', 'grant_admin', 'revoke');

-- migrate:down
DROP INDEX log_pending_memberships_idx;
CREATE INDEX log_pending_memberships_idx ON log_pending ((ARRAY[user_id, chat_id, board_id, workspace_ids[1]]))
    WHERE kind IN ('NewChat', 'NewBoard', 'BoardRestored', 'WorkspaceMemberJoined',
                   'UserLeftChat', 'ChatDeleted', 'UserLeftBoard', 'BoardDeleted', 'WorkspaceMemberLeft', 'WorkspaceDeleted');
ALTER TABLE log_pending DROP COLUMN effect;
DROP INDEX events_effect_idx;
CREATE INDEX events_granted_idx ON events (user_id, position)
    WHERE kind IN ('NewChat', 'NewBoard', 'BoardRestored', 'WorkspaceMemberJoined');
ALTER TABLE events DROP COLUMN effect;
ALTER TABLE events DROP CONSTRAINT events_audience_known;
UPDATE events SET audience = 'workspaces' WHERE audience = 'contacts';
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'board' THEN board_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'admins' THEN num_nonnulls(chat_id, board_id, workspace_ids) = 1
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);
