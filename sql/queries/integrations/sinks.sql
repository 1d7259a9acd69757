-- name: sink_hold(sink, node, lease_seconds)
-- Leases a sink to this delivery_server, or renews the lease: its generation; null while another one has it.
SELECT hold_sink(:sink, :node, :lease_seconds);

-- name: sinks_leave(node)
-- The others may have them.
SELECT leave_sinks(:node);

-- name: sink_next(sink, workspaces, chat_types, documents, kinds, span, amount, bytes)
-- How far a sink is, the same in each row, and an event of the next `span` positions in each, whose columns are null if
-- there is none. No row if there is no such sink.
SELECT s.generation, s.epoch, s.position AS seen, s.failing_since, s.sent_at, log.epoch AS log_epoch, log_last(s.epoch) AS last_good, log.floor, log_head() AS head,
       least(log_head(), s.position + :span) AS last, e.workspace_id, now() AS moment,
       ARRAY(SELECT epoch FROM log_epochs ORDER BY no) AS ended, ARRAY(SELECT last_position FROM log_epochs ORDER BY no) AS lasts,
       e.position, e.kind, e.audience, e.chat_id, e.document_id, e.user_id, e.workspace_ids, e.message_id, e.effect, e.payload, e.created_at
FROM sinks s CROSS JOIN log_state log
LEFT JOIN LATERAL sink_events(s.position, least(log_head(), s.position + :span), :workspaces, :chat_types, :documents, :kinds, :amount, :bytes) e
    ON s.position <= log_last(s.epoch)
WHERE s.name = :sink ORDER BY e.position;

-- name: sink_record(sink, holder, seen_epoch, seen, reached_epoch, reached, events, failure)
-- What was sent to a sink, or why it could not be; null if another server has it by now.
SELECT record_sink(:sink, :holder, :seen_epoch, :seen, :reached_epoch, :reached, :events, :failure);
