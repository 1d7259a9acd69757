-- name: presences_of_workspace(workspace, viewer, users, after, limit)
-- A page of the presence of a workspace's members, by id: of all, or of named ones.
WITH page AS (
    SELECT user_id AS id, presence_json(users, :viewer) AS item FROM workspace_members JOIN users ON users.id = user_id
    WHERE workspace_id = :workspace AND user_id > :after AND (:users::bigint[] IS NULL OR user_id = ANY (:users))
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: idle_report(users, sessions, idle, grace_seconds)
-- Sessions that have become idle or active, and the resulting presence of their users.
SELECT report_idle(:users, :sessions, :idle, :grace_seconds);

-- name: typing_judge(users, chats)
-- Whether users may report typing in chats: an outcome for each, with the log's position and the time of the decision, and
-- the key with which it is told over NATS (null: by typing_tell).
-- The arrays are subqueries: otherwise the planner calls the function to see how many outcomes there are, for each query.
SELECT outcome, position, at, key FROM unnest(judge_typing((SELECT :users::bigint[]), (SELECT :chats::bigint[]))) AS outcome,
    (SELECT log_head() AS position, extract(epoch FROM clock_timestamp())::float8 AS at, notices_key() AS key) judged;

-- name: typing_tell(users, chats, sessions, started, positions, times)
-- Publishes who has started typing or stopped, where, in which session, and when.
SELECT tell_typing(:users, :chats, :sessions, :started, :positions, :times);
