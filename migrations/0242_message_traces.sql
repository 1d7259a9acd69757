-- migrate:up

-- The traces in which messages were posted, as far as these were sampled: what is delivered belongs to them, too.
CREATE TABLE message_traces (
    message_id  bigint PRIMARY KEY,
    traceparent text NOT NULL CONSTRAINT message_traces_traceparent_form CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-01$'),
    noted_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX message_traces_noted_at_idx ON message_traces (noted_at);

-- migrate:down
DROP TABLE message_traces;
