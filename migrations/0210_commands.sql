-- migrate:up

-- Where a bot is asked: what people type and press is sent there, signed by this secret.
CREATE TABLE bot_endpoints (
    bot_id     bigint PRIMARY KEY REFERENCES bots ON DELETE CASCADE,
    url        text NOT NULL,
    secret     bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bot_endpoints_url_form CHECK (length(url) <= 2048 AND url ~ '^https?://.'),
    CONSTRAINT bot_endpoints_secret_length CHECK (length(secret) = 32)
);

-- What members of a workspace may type: /name. Each belongs to a bot.
CREATE TABLE commands (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    bot_id       bigint NOT NULL REFERENCES bots ON DELETE CASCADE,
    name         text NOT NULL,
    description  text NOT NULL,
    usage        text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT commands_name_key UNIQUE (workspace_id, name),
    CONSTRAINT commands_name_form CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
    CONSTRAINT commands_description_length CHECK (length(description) <= 200 AND btrim(description) <> ''),
    CONSTRAINT commands_usage_length CHECK (length(usage) <= 200)
);
CREATE INDEX commands_bot_idx ON commands (bot_id, id);

-- What a bot has said to one person alone, in a chat: never in the log, never a message, and gone after an hour.
CREATE TABLE private_answers (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    chat_id    bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    bot_id     bigint NOT NULL REFERENCES bots ON DELETE CASCADE,
    content    text NOT NULL,
    metadata   jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT private_answers_content_length CHECK (length(content) BETWEEN 1 AND 10000),
    CONSTRAINT private_answers_metadata_size CHECK (octet_length(metadata::text) <= 4096)
);
CREATE INDEX private_answers_user_idx ON private_answers (user_id, id);
CREATE INDEX private_answers_chat_idx ON private_answers (chat_id);
CREATE INDEX private_answers_bot_idx ON private_answers (bot_id);

-- migrate:down
DROP TABLE private_answers;
DROP TABLE commands;
DROP TABLE bot_endpoints;
