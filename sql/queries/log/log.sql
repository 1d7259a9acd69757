-- name: log_after(position, amount, bytes)
-- The event at a position, without its payload, and the next ones: limited in number and in bytes of payload. Each with
-- the epoch and the floor of the log, and the last position that was ever used. Always at least one row, whose event is
-- null if there is none. The planner does not see what is in subqueries (sql/README.md).
SELECT state.epoch, state.floor, (SELECT last_value FROM events_position_seq) AS used,
       e.position, e.kind, e.audience, e.chat_id, e.document_id, e.user_id, e.workspace_ids, e.message_id, e.effect, e.payload, e.created_at
FROM log_state state
LEFT JOIN LATERAL (
    SELECT position, kind, audience, chat_id, document_id, user_id, workspace_ids, message_id, effect, created_at,
           CASE WHEN position > :position THEN payload END AS payload,
           sum(octet_length(payload::text)) FILTER (WHERE position > :position)
               OVER (ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM (SELECT * FROM events WHERE position >= (SELECT :position::bigint) ORDER BY position LIMIT (SELECT :amount::bigint) + 1) next
) e ON coalesce(e.before, 0) < :bytes
ORDER BY e.position;

-- name: log_before(position, amount, bytes)
-- The newest events below a position, limited in number and in bytes of payload, newest first, with the floor of the
-- log. Always at least one row, whose event is null if there is none.
SELECT state.floor,
       e.position, e.kind, e.audience, e.chat_id, e.document_id, e.user_id, e.workspace_ids, e.message_id, e.effect, e.payload, e.created_at
FROM log_state state
LEFT JOIN LATERAL (
    SELECT *, sum(octet_length(payload::text)) OVER (ORDER BY position DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS after
    FROM (SELECT * FROM events WHERE position < (SELECT :position::bigint) ORDER BY position DESC LIMIT (SELECT :amount::bigint)) newest
) e ON coalesce(e.after, 0) < :bytes
ORDER BY e.position DESC;

-- name: log_check_epoch()
-- The epoch, moved first if this is another cluster or timeline than the one it was started on.
SELECT log_check_epoch();

-- name: log_lineage(epoch)
-- The epochs that led to the present one, in order, each with its last position, and the time of the last event of one of
-- them.
SELECT state.epoch,
       ARRAY(SELECT epoch FROM log_epochs ORDER BY no) AS ended, ARRAY(SELECT last_position FROM log_epochs ORDER BY no) AS lasts,
       (SELECT created_at FROM events WHERE position = (SELECT last_position FROM log_epochs WHERE epoch = :epoch)) AS last_at
FROM log_state state;

-- name: log_break(seen)
-- Starts a new epoch, unless that has been done since the one that was seen.
SELECT log_break(:seen);

-- name: log_head()
-- The newest position, and the time of its event, unless that was dropped.
SELECT log_head() AS position, (SELECT created_at FROM events WHERE position = log_head()) AS created_at;

-- name: log_health(position)
-- The distance of a reader from the end of the log, and how full Postgres' own queue of notifications is (0 to 1).
SELECT log_head() - :position AS events_behind, pg_notification_queue_usage() AS notify_queue_usage;

-- name: log_replicated(asked, pushing)
-- Whether the synchronous standbys have what Postgres has written, up to a place or its end; and up to where that is.
SELECT written::text, replicated FROM log_replicated(:asked::text::pg_lsn, :pushing);

-- name: log_channel()
-- The channel on which new events are handed over.
SELECT channel FROM log_state;

-- name: log_reached()
-- How far the primary is: the epoch and the newest position of the log, and the end of what Postgres has flushed. No row
-- on a timeline on which no epoch has begun.
SELECT epoch, head, flushed::text FROM log_reached();

-- name: log_replayed(epoch, position, flushed, patience_ms)
-- Waits on a standby until it has come so far: 'there', 'behind' or 'promoted'.
SELECT log_replayed(:epoch, :position, :flushed::text::pg_lsn, :patience_ms);

-- name: log_snapshot()
-- The epoch and the newest position that this snapshot sees.
SELECT epoch, log_head() AS head FROM log_state;

-- name: log_is_standby()
-- Whether this is a standby, which may be promoted while we are connected.
SELECT pg_is_in_recovery();
