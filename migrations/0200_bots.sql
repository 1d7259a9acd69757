-- migrate:up

-- Users that programs post as. A bot belongs to a workspace, has an owner there, and never signs in: it has tokens.
ALTER TABLE users
    ADD COLUMN kind text NOT NULL DEFAULT 'person',
    ADD CONSTRAINT users_kind_known CHECK (kind IN ('person', 'bot')),
    ADD CONSTRAINT users_bot_without_password CHECK (kind = 'person' OR password_hash = '');

CREATE TABLE bots (
    user_id      bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    owner_id     bigint REFERENCES users ON DELETE SET NULL, -- null once they have left: the bot is suspended
    description  text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bots_description_length CHECK (length(description) <= 500 AND btrim(description) <> '')
);
CREATE INDEX bots_workspace_idx ON bots (workspace_id, user_id);
CREATE INDEX bots_owner_idx ON bots (owner_id);

-- Addresses at which programs post as a bot into a chat. The secret of one is shown once, when it is made.
CREATE TABLE incoming_webhooks (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bot_id       bigint NOT NULL REFERENCES bots ON DELETE CASCADE,
    chat_id      bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    name         text NOT NULL,
    secret_hash  bytea NOT NULL,
    created_by   bigint REFERENCES users ON DELETE SET NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CONSTRAINT incoming_webhooks_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT incoming_webhooks_name_length CHECK (length(name) <= 80 AND btrim(name) <> '')
);
CREATE INDEX incoming_webhooks_bot_idx ON incoming_webhooks (bot_id, id);
CREATE INDEX incoming_webhooks_chat_idx ON incoming_webhooks (chat_id);
CREATE INDEX incoming_webhooks_created_by_idx ON incoming_webhooks (created_by);

-- migrate:down
-- Bots stay as accounts that nobody can sign in to, so that what they posted keeps its sender.
DROP TABLE incoming_webhooks;
DROP TABLE bots;
UPDATE users SET status = 'inactive' WHERE kind = 'bot';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE users
    DROP CONSTRAINT users_bot_without_password,
    DROP CONSTRAINT users_kind_known,
    DROP COLUMN kind;
