-- name: chats_of_user(user, workspace, search, after, limit)
-- A page of the user's chats, by id: all, or those of one workspace, or with a text in their name.
WITH page AS (
    SELECT chat_id AS id, chat_json(chats, :user) AS item FROM chat_members JOIN chats ON chats.id = chat_id
    WHERE user_id = :user AND (:workspace::bigint IS NULL OR chats.workspace_id = :workspace)
      AND position(fold_name(:search) IN fold_name(name)) > 0 AND chat_id > :after
    ORDER BY chat_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: chats_delegated(user, delegate, workspace, search, after, limit)
-- The same of a principal, for a delegate: those that it is delegated to see.
WITH page AS (
    SELECT chat_id AS id, chat_json(chats, :user) AS item FROM chat_members JOIN chats ON chats.id = chat_id
    WHERE user_id = :user AND (:workspace::bigint IS NULL OR chats.workspace_id = :workspace)
      AND position(fold_name(:search) IN fold_name(name)) > 0 AND chat_id > :after
      AND 'chat.see' = ANY (delegated_permissions(:delegate, :user, 'chat', chat_id))
    ORDER BY chat_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: chats_joinable(user, workspace, search, after, limit)
-- A page of the channels that the user could join, by id: public ones, and private ones with a password. Their messages
-- are for members only. A search reads the names of these, and of no other chat: by the trigram index if few match,
-- else in the order of their ids, until the page is full.
WITH few AS MATERIALIZED (
    SELECT few_channels_named(:search) AS ids
), page AS (
    SELECT chats.id, chat_json(chats, :user) AS item
    FROM (
        SELECT found.id FROM workspace_members home CROSS JOIN few CROSS JOIN LATERAL (
            (SELECT id FROM chats
             WHERE id = ANY (ids) AND workspace_id = home.workspace_id AND id > :after AND may_join(id, :user)
             ORDER BY id LIMIT :limit + 1)
            UNION ALL
            (SELECT id FROM chats
             WHERE ids IS NULL AND workspace_id = home.workspace_id AND id > :after
               AND (type = 'PublicChannel' OR password_hash IS NOT NULL) AND archived_at IS NULL
               AND position(fold_name(:search) IN fold_name(name)) > 0 AND may_join(id, :user)
             ORDER BY id LIMIT :limit + 1)
        ) found
        WHERE home.user_id = :user AND (:workspace::bigint IS NULL OR home.workspace_id = :workspace)
        ORDER BY found.id LIMIT :limit + 1
    ) found JOIN chats USING (id)
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: chat_lock(chat, user)
-- Locks members and roles of a chat until the end of the transaction, for members of its workspace and its guests only.
SELECT true FROM chats
WHERE id = :chat AND (EXISTS (SELECT FROM workspace_members WHERE workspace_id = chats.workspace_id AND user_id = :user)
                      OR EXISTS (SELECT FROM chat_members WHERE chat_id = chats.id AND user_id = :user))
FOR NO KEY UPDATE;

-- name: chat_access(chat, user, target)
-- What permissions depend on: the chat's type, size and state, and the roles of the caller and of the member concerned.
SELECT chats.type, chats.member_count, chats.password_hash IS NOT NULL AS has_password, chats.archived_at IS NOT NULL AS archived,
       caller.role, CASE WHEN caller.silenced_until > now() THEN caller.silenced_until END AS silenced_until,
       home.role AS workspace_role, target.role AS target_role
FROM chats
LEFT JOIN chat_members caller ON caller.chat_id = chats.id AND caller.user_id = :user
LEFT JOIN workspace_members home ON home.workspace_id = chats.workspace_id AND home.user_id = :user
LEFT JOIN chat_members target ON target.chat_id = chats.id AND target.user_id = :target
WHERE chats.id = :chat;

-- name: chat_create(user, workspace, type, name, description, members)
-- A new chat, or the existing Single chat of these two.
SELECT chat::text, created FROM create_chat(:user, :workspace, :type, :name, :description, :members);

-- name: chat_by_id(chat, user)
-- A chat as the user sees it.
SELECT chat_json(chats, :user)::text FROM chats WHERE id = :chat;

-- name: chat_update(chat, user, name, description, set_retention, retention_days)
-- Null leaves a name or description as it is; the retention is set if set_retention says so, to null too.
UPDATE chats SET name = coalesce(:name, name), description = coalesce(:description, description),
    retention_days = CASE WHEN :set_retention THEN :retention_days ELSE retention_days END
WHERE id = :chat RETURNING chat_json(chats, :user)::text;

-- name: chat_archive(chat, user, archived)
-- Archives or unarchives a chat.
UPDATE chats SET archived_at = CASE WHEN :archived THEN coalesce(archived_at, now()) END
WHERE id = :chat RETURNING chat_json(chats, :user)::text;

-- name: chat_password(chat)
-- The hash of the password that joining requires.
SELECT password_hash FROM chats WHERE id = :chat;

-- name: chat_password_set(chat, hash)
-- A null password removes it.
UPDATE chats SET password_hash = :hash WHERE id = :chat;

-- name: chat_delete(chat)
-- With its messages.
DELETE FROM chats WHERE id = :chat;

-- name: chat_members(chat, after, limit)
-- A page of the members, by user id.
WITH page AS (
    SELECT user_id AS id, chat_member_json(chat_members, users) AS item FROM chat_members JOIN users ON users.id = user_id
    WHERE chat_id = :chat AND user_id > :after
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: chat_members_named(chat, name, limit)
-- The active members of whose names this may be the beginning, those who posted last first.
SELECT coalesce(array_to_json(array_agg(chat_member_json(m, u) ORDER BY place)), '[]')::text
FROM chat_members_named(:chat, :name, :limit) WITH ORDINALITY AS found (id, place)
JOIN chat_members m ON m.chat_id = :chat AND m.user_id = found.id JOIN users u ON u.id = found.id;

-- name: chat_member_add(chat, user, role)
-- Adds a member. Everything so far counts as read.
INSERT INTO chat_members (chat_id, user_id, role) VALUES (:chat, :user, :role)
RETURNING (SELECT chat_member_json(chat_members, users) FROM users WHERE id = user_id)::text;

-- name: chat_member_set_role(chat, user, role)
-- Changes a member's role.
UPDATE chat_members SET role = :role WHERE chat_id = :chat AND user_id = :user
RETURNING (SELECT chat_member_json(chat_members, users) FROM users WHERE id = user_id)::text;

-- name: chat_member_silence(chat, user, seconds)
-- Keeps a member from posting for this many seconds from now; null ends that.
UPDATE chat_members SET silenced_until = now() + make_interval(secs => :seconds::integer)
WHERE chat_id = :chat AND user_id = :user RETURNING (SELECT chat_member_json(chat_members, users) FROM users WHERE id = user_id)::text;

-- name: chat_transfer(chat, user, target)
-- Makes another member the owner, and the user an admin. No row if the other account is not active, since nobody could
-- then act as owner.
UPDATE chat_members SET role = CASE WHEN user_id = :target THEN 'owner' ELSE 'admin' END
WHERE chat_id = :chat AND user_id IN (:user, :target) AND EXISTS (SELECT FROM users WHERE id = :target AND status = 'active')
RETURNING user_id;

-- name: chat_member_remove(chat, user)
-- Removes a member.
DELETE FROM chat_members WHERE chat_id = :chat AND user_id = :user;

-- name: chat_workspace_of_member(chat, user)
-- Of which workspace a chat is, for somebody who is in it.
SELECT workspace_id FROM chats WHERE id = :chat AND EXISTS (SELECT FROM chat_members WHERE chat_id = chats.id AND user_id = :user);
