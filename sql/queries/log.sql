-- name: log_after(position, amount)
-- The next events of the log with the epoch they belong to; always at least one row, whose event is null at the end of the log.
SELECT state.epoch, e.position, e.kind, e.audience, e.chat_id, e.board_id, e.user_id, e.workspace_ids, e.message_id, e.payload, e.created_at
FROM log_state state
LEFT JOIN LATERAL (
    SELECT * FROM events WHERE position > :position ORDER BY position LIMIT :amount
) e ON true
ORDER BY e.position;

-- name: log_newest(amount)
-- The end of the log and the newest events before it, with the position below which older ones lie; always at least one row.
WITH newest AS MATERIALIZED (SELECT * FROM events ORDER BY position DESC LIMIT :amount)
SELECT CASE WHEN (SELECT count(*) FROM newest) < :amount THEN state.floor ELSE (SELECT min(position) - 1 FROM newest) END AS below,
       e.position, e.kind, e.audience, e.chat_id, e.board_id, e.user_id, e.workspace_ids, e.message_id, e.payload, e.created_at
FROM log_state state LEFT JOIN newest e ON true
ORDER BY e.position;

-- name: log_check_epoch()
-- The epoch, moved first if this is another cluster or timeline than it was started on.
SELECT log_check_epoch();

-- name: log_head()
-- The newest position there is.
SELECT log_head();

-- name: log_health(position)
-- What lies between a reader and the end of the log, and how full Postgres' own queue of notifications is (0 to 1).
SELECT log_head() - :position AS events_behind, pg_notification_queue_usage() AS notify_queue_usage;
