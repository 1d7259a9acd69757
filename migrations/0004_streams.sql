-- migrate:up

-- Which streams are open where, told about once a second by every notify_server; for operators, never for delivery.
-- Unlogged: after a crash of Postgres the nodes tell it anew.
CREATE UNLOGGED TABLE notify_nodes (
    node       text PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNLOGGED TABLE streams (
    node       text NOT NULL REFERENCES notify_nodes ON DELETE CASCADE,
    stream     bigint NOT NULL,
    user_id    bigint NOT NULL,
    session_id bigint NOT NULL,
    address    text NOT NULL,
    opened_at  timestamptz NOT NULL,
    PRIMARY KEY (node, stream)
);

-- migrate:down
DROP TABLE streams, notify_nodes;
