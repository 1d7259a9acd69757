-- migrate:up

-- What somebody thinks of a message. They stay when that somebody leaves the chat. id says in which order they came.
CREATE TABLE message_reactions (
    message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    emoji      text NOT NULL,
    id         bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (message_id, user_id, emoji),
    CONSTRAINT message_reactions_emoji_format CHECK (length(emoji) <= 64 AND emoji ~ '^[^/[:space:][:cntrl:]]+$')
);
CREATE INDEX message_reactions_emoji_idx ON message_reactions (message_id, emoji, id);
CREATE INDEX message_reactions_user_idx ON message_reactions (user_id);

-- The reactions to a message counted, as its JSON has them; kept by a trigger, null where there are none.
ALTER TABLE messages ADD COLUMN reactions jsonb,
    ADD CONSTRAINT messages_reactions_amount CHECK (jsonb_array_length(reactions) <= 20);

-- Messages that a chat keeps in view. chat_id and id are given by a trigger under the chat's row lock: id rises in commit order.
CREATE SEQUENCE message_pins_id_seq;
CREATE TABLE message_pins (
    message_id bigint PRIMARY KEY REFERENCES messages ON DELETE CASCADE,
    chat_id    bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    id         bigint NOT NULL,
    pinned_by  bigint NOT NULL REFERENCES users,
    pinned_at  timestamptz NOT NULL DEFAULT now()
);
ALTER SEQUENCE message_pins_id_seq OWNED BY message_pins.id;
CREATE INDEX message_pins_chat_idx ON message_pins (chat_id, id);
CREATE INDEX message_pins_user_idx ON message_pins (pinned_by);

-- migrate:down
DROP TABLE message_pins, message_reactions;
ALTER TABLE messages DROP COLUMN reactions;
