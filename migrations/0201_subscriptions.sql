-- migrate:up

-- What a bot sees, sent to another system. A subscription is a reader of the log with a stored cursor: everything up to
-- `position` has been dealt with, and nothing is queued anywhere else.
CREATE TABLE subscriptions (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bot_id           bigint NOT NULL REFERENCES bots ON DELETE CASCADE,
    name             text NOT NULL,
    address          text NOT NULL, -- the URL of a webhook
    kinds            text[],        -- null: all
    chat_ids         bigint[],      -- null: all, and what is in no chat
    ordered          boolean NOT NULL DEFAULT true,
    epoch            text NOT NULL,
    position         bigint NOT NULL,
    created_by       bigint REFERENCES users ON DELETE SET NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    delivered_at     timestamptz,
    failing_since    timestamptz,
    disabled_at      timestamptz,
    disabled_because text,
    CONSTRAINT subscriptions_name_length CHECK (length(name) <= 80 AND btrim(name) <> ''),
    CONSTRAINT subscriptions_address_form CHECK (length(address) <= 2048 AND address ~ '^https?://.'),
    CONSTRAINT subscriptions_kinds_amount CHECK (cardinality(kinds) BETWEEN 1 AND 100),
    CONSTRAINT subscriptions_chats_amount CHECK (cardinality(chat_ids) BETWEEN 1 AND 100),
    CONSTRAINT subscriptions_position_positive CHECK (position >= 0),
    CONSTRAINT subscriptions_disabled_because_known CHECK (disabled_because IN ('failing', 'gone', 'owner')),
    CONSTRAINT subscriptions_disabled_has_cause CHECK ((disabled_at IS NULL) = (disabled_because IS NULL))
);
CREATE INDEX subscriptions_bot_idx ON subscriptions (bot_id, id);
CREATE INDEX subscriptions_created_by_idx ON subscriptions (created_by);

-- What a webhook is signed with: HMAC secrets, and seeds of Ed25519 keys. One that was replaced signs too until it expires.
CREATE TABLE subscription_secrets (
    subscription_id bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    scheme          text NOT NULL,
    secret          bytea NOT NULL,
    expires_at      timestamptz,
    CONSTRAINT subscription_secrets_pkey PRIMARY KEY (subscription_id, created_at),
    CONSTRAINT subscription_secrets_scheme_known CHECK (scheme IN ('v1', 'v1a')),
    CONSTRAINT subscription_secrets_length CHECK (length(secret) = 32)
);

-- Events whose delivery has failed at least once: of each its place in the log, and never its content. Those without a
-- time at which they are tried again are dead letters.
CREATE TABLE deliveries (
    subscription_id bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    position        bigint NOT NULL,
    kind            text NOT NULL,
    attempts        integer NOT NULL,
    failed_at       timestamptz NOT NULL DEFAULT now(),
    due_at          timestamptz,
    error           text NOT NULL,
    CONSTRAINT deliveries_pkey PRIMARY KEY (subscription_id, position),
    CONSTRAINT deliveries_attempts_counted CHECK (attempts >= 0)
);
CREATE INDEX deliveries_due_idx ON deliveries (subscription_id, due_at) WHERE due_at IS NOT NULL;

-- The newest attempts of each subscription. status: of the answer, null if none came.
CREATE TABLE delivery_attempts (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    position        bigint NOT NULL,
    kind            text NOT NULL,
    attempted_at    timestamptz NOT NULL DEFAULT now(),
    milliseconds    integer NOT NULL,
    status          integer,
    error           text, -- null: it was delivered
    CONSTRAINT delivery_attempts_milliseconds_positive CHECK (milliseconds >= 0)
);
CREATE INDEX delivery_attempts_subscription_idx ON delivery_attempts (subscription_id, id);

-- delivery_servers that are alive, and who works for which subscriptions (`id % 16`). `generation` grows whenever a shard
-- changes hands: what its former holder still writes is refused.
CREATE TABLE delivery_nodes (
    node       text PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE TABLE delivery_shards (
    shard      integer PRIMARY KEY,
    node       text REFERENCES delivery_nodes ON DELETE SET NULL,
    generation bigint NOT NULL DEFAULT 0
);
CREATE INDEX delivery_shards_node_idx ON delivery_shards (node);
INSERT INTO delivery_shards (shard) SELECT generate_series(0, 15);

-- migrate:down
DROP TABLE delivery_shards, delivery_nodes, delivery_attempts, deliveries, subscription_secrets, subscriptions;
