-- migrate:up

-- The pair of keys by which push services know this installation (VAPID), made when it is first asked for. Browsers
-- subscribe with the public one: replaced, it ends all subscriptions.
CREATE TABLE push_keys (
    singleton   boolean CONSTRAINT push_keys_pkey PRIMARY KEY DEFAULT true,
    private_key bytea NOT NULL,
    public_key  bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT push_keys_singleton CHECK (singleton),
    CONSTRAINT push_keys_length CHECK (length(private_key) = 32 AND length(public_key) = 65)
);

-- Where a device is pushed to, and the keys that its messages are encrypted with. It ends with the device's session.
CREATE TABLE push_subscriptions (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id       bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id    bigint NOT NULL REFERENCES sessions ON DELETE CASCADE,
    endpoint      text NOT NULL,
    public_key    bytea NOT NULL,
    secret        bytea NOT NULL,
    language      text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    seen_at       timestamptz NOT NULL DEFAULT now(),
    pushed_at     timestamptz,
    failing_since timestamptz,
    error         text,
    CONSTRAINT push_subscriptions_session_key UNIQUE (session_id),
    CONSTRAINT push_subscriptions_endpoint_key UNIQUE (endpoint),
    CONSTRAINT push_subscriptions_endpoint_form CHECK (length(endpoint) <= 2048 AND endpoint ~ '^https?://.'),
    CONSTRAINT push_subscriptions_keys_length CHECK (length(public_key) = 65 AND length(secret) = 16),
    CONSTRAINT push_subscriptions_language_known CHECK (language IN ('en', 'zh'))
);
CREATE INDEX push_subscriptions_user_idx ON push_subscriptions (user_id, seen_at);

-- What a device is to be told of a chat: its messages from first_message_id to message_id, in one push, whose content is
-- read when it is sent. `attempts` names the claim that a server has on it.
CREATE TABLE push_outbox (
    subscription_id  bigint NOT NULL REFERENCES push_subscriptions ON DELETE CASCADE,
    chat_id          bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    first_message_id bigint NOT NULL,
    message_id       bigint NOT NULL,
    queued_at        timestamptz NOT NULL DEFAULT now(),
    due_at           timestamptz NOT NULL,
    attempts         integer NOT NULL DEFAULT 0,
    claim            bigint,
    CONSTRAINT push_outbox_pkey PRIMARY KEY (subscription_id, chat_id),
    CONSTRAINT push_outbox_attempts_counted CHECK (attempts >= 0)
);
CREATE INDEX push_outbox_due_idx ON push_outbox (due_at);
CREATE INDEX push_outbox_chat_idx ON push_outbox (chat_id);
CREATE SEQUENCE push_claims;

-- Up to where the log has been looked through for them.
CREATE TABLE push_cursor (
    singleton boolean CONSTRAINT push_cursor_pkey PRIMARY KEY DEFAULT true,
    position  bigint NOT NULL,
    CONSTRAINT push_cursor_singleton CHECK (singleton)
);
INSERT INTO push_cursor (position) SELECT greatest((SELECT max(position) FROM events), (SELECT floor FROM log_state), 0);

-- migrate:down
DROP TABLE push_cursor, push_outbox, push_subscriptions, push_keys;
DROP SEQUENCE push_claims;
