-- migrate:up

-- Dialogs that bots have opened to one person: never in the log, and gone when they are closed, or after an hour. The
-- newest of a person's lies on top of the others.
CREATE TABLE dialogs (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    bot_id     bigint NOT NULL REFERENCES bots ON DELETE CASCADE,
    chat_id    bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    view       jsonb NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT dialogs_view_size CHECK (octet_length(view::text) <= 65536)
);
CREATE INDEX dialogs_user_idx ON dialogs (user_id, id);
CREATE INDEX dialogs_bot_idx ON dialogs (bot_id);
CREATE INDEX dialogs_chat_idx ON dialogs (chat_id);
CREATE INDEX dialogs_created_idx ON dialogs (created_at);

-- migrate:down
DROP TABLE dialogs;
