-- migrate:up

-- What a bot is told besides: messages of its chats, and mentions of it, as Slack's Events API has them.
ALTER TABLE bot_endpoints
    ADD COLUMN events text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT bot_endpoints_events_known CHECK (events <@ '{app_mention,message}');

-- What is to be told, soon or once more. The content is read when it is sent.
CREATE TABLE bot_events (
    bot_id     bigint NOT NULL REFERENCES bot_endpoints ON DELETE CASCADE,
    message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    kind       text NOT NULL,
    tries      integer NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bot_events_pkey PRIMARY KEY (bot_id, message_id, kind),
    CONSTRAINT bot_events_kind_known CHECK (kind IN ('app_mention', 'message')),
    CONSTRAINT bot_events_tries_counted CHECK (tries >= 0)
);
CREATE INDEX bot_events_message_idx ON bot_events (message_id);
CREATE INDEX bot_events_due_idx ON bot_events (due_at);

-- Up to where the log has been looked through for them.
CREATE TABLE bot_event_state (
    singleton boolean PRIMARY KEY DEFAULT true,
    position  bigint NOT NULL,
    CONSTRAINT bot_event_state_singleton CHECK (singleton)
);
INSERT INTO bot_event_state (position) SELECT greatest((SELECT max(position) FROM events), (SELECT floor FROM log_state), 0);

-- migrate:down
DROP TABLE bot_event_state;
DROP TABLE bot_events;
ALTER TABLE bot_endpoints DROP COLUMN events;
