-- migrate:up

-- Other systems that events are sent to, as app.yaml names them (delivery.sinks): of each only how far it is, and which
-- delivery_server sends. Everything up to `position` has been stored there, or was not for it. `generation` grows
-- whenever another server takes over: what the former one still writes is refused.
CREATE TABLE sinks (
    name          text PRIMARY KEY,
    epoch         text NOT NULL,
    position      bigint NOT NULL,
    sent          bigint NOT NULL DEFAULT 0, -- events, those that were sent twice included
    created_at    timestamptz NOT NULL DEFAULT now(),
    sent_at       timestamptz,
    failing_since timestamptz,
    error         text,
    node          text,
    generation    bigint NOT NULL DEFAULT 0,
    held_until    timestamptz,
    CONSTRAINT sinks_name_form CHECK (name ~ '^[a-z][a-z0-9_-]{0,31}$'),
    CONSTRAINT sinks_position_positive CHECK (position >= 0),
    CONSTRAINT sinks_failing_has_cause CHECK ((failing_since IS NULL) = (error IS NULL)),
    CONSTRAINT sinks_held_for_a_time CHECK ((node IS NULL) = (held_until IS NULL))
);

-- migrate:down
DROP TABLE sinks;
