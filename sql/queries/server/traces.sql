-- name: message_traces_add(messages, traceparents)
-- The traces in which messages were posted.
INSERT INTO message_traces (message_id, traceparent)
SELECT * FROM unnest(:messages::bigint[], :traceparents::text[]) ON CONFLICT DO NOTHING;

-- name: message_traces_of(messages)
-- The traces in which these messages were posted, as far as there are any.
SELECT message_id, traceparent FROM message_traces WHERE message_id = ANY (:messages::bigint[]);

-- name: message_traces_expire()
-- They are asked for within seconds of their delivery.
DELETE FROM message_traces WHERE message_id IN
    (SELECT message_id FROM message_traces WHERE noted_at < now() - interval '1 hour' LIMIT 1000 FOR UPDATE SKIP LOCKED)
RETURNING 1;
