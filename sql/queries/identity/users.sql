-- name: user_by_id(user)
-- A profile.
SELECT user_json(users)::text FROM users WHERE id = :user;

-- name: users_of_workspace(workspace, after, limit, viewer, shows_emails)
-- A page of the profiles of a workspace's members, by id; with addresses if the workspace or shows_emails says so, and
-- the viewer's own.
WITH page AS (
    SELECT user_id AS id, user_json(users, user_id = :viewer OR :shows_emails OR workspaces.show_emails) AS item
    FROM workspaces JOIN workspace_members ON workspace_id = workspaces.id JOIN users ON users.id = user_id
    WHERE workspace_id = :workspace AND user_id > :after
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: users_by_id(user, ids, workspace)
-- The profiles of these people, by id, as far as each shares a workspace with the user, one in particular if it is given,
-- or they meet as guests; without their addresses.
SELECT coalesce(array_to_json(array_agg(user_json(users, false) ORDER BY id)), '[]')::text FROM users
WHERE id = ANY (:ids::bigint[]) AND (shares_workspace(:user, users.id, :workspace) OR meets_as_guest(:user, users.id, :workspace));

-- name: user_update(user, username, fullname, email, set_avatar, avatar, avatar_file, verified_hash)
-- Null leaves a name or address as it is; the avatar is set, to a URL or a file, if set_avatar says so, to null too. No row where the password
-- is no longer the one of verified_hash, unless that is null.
UPDATE users SET
    username = coalesce(:username, username),
    fullname = coalesce(:fullname, fullname),
    email = coalesce(:email, email),
    avatar = CASE WHEN :set_avatar AND (avatar_file_id = :avatar_file) IS NOT TRUE THEN :avatar ELSE avatar END,
    avatar_file_id = CASE WHEN :set_avatar THEN :avatar_file ELSE avatar_file_id END
WHERE id = :user AND (password_hash = :verified_hash) IS NOT FALSE RETURNING user_json(users)::text;

-- name: user_set_status(user, text, emoji, until)
-- The user's status; none if text and emoji are null.
UPDATE users SET status_text = :text, status_emoji = :emoji, status_until = :until
WHERE id = :user RETURNING user_json(users)::text;

-- name: user_set_presence_mode(user, mode)
-- The presence mode of the user.
UPDATE users SET presence_mode = :mode WHERE id = :user RETURNING json_build_object('user_id', id, 'presence_mode', presence_mode)::text;
