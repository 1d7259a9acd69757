-- name: slack_caller(user, workspace)
-- Who calls a method of Slack's, and the workspace in which they act: a bot's own, the one to which the token is bound, or
-- the only one that they are in. No row if there is none, or several.
SELECT u.id AS user_id, u.username, u.kind = 'bot' AS is_bot, w.id AS workspace_id, w.name AS workspace
FROM users u
JOIN workspaces w ON w.id = coalesce(
    :workspace, (SELECT min(m.workspace_id) FROM workspace_members m WHERE m.user_id = u.id HAVING count(*) = 1))
WHERE u.id = :user;
