-- migrate:up

CREATE TABLE workspaces (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    description text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT workspaces_name_length CHECK (length(name) <= 80 AND btrim(name) <> ''),
    CONSTRAINT workspaces_description_length CHECK (length(description) <= 1000)
);

CREATE TABLE workspace_members (
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id      bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    role         text NOT NULL DEFAULT 'member',
    joined_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, user_id),
    CONSTRAINT workspace_members_role_known CHECK (role IN ('owner', 'admin', 'member'))
);
CREATE INDEX workspace_members_user_idx ON workspace_members (user_id);

-- last_seq, member_count and pair are kept by triggers; nobody else writes them.
CREATE TABLE chats (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    type         text NOT NULL,
    name         text NOT NULL DEFAULT '',
    description  text NOT NULL DEFAULT '',
    last_seq     bigint NOT NULL DEFAULT 0,
    member_count integer NOT NULL DEFAULT 0,
    pair         bigint[],
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, workspace_id),
    CONSTRAINT chats_type_known CHECK (type IN ('Single', 'Group', 'PrivateChannel', 'PublicChannel')),
    CONSTRAINT chats_name_length CHECK (length(name) <= 80 AND (btrim(name) <> '' OR type IN ('Single', 'Group'))),
    CONSTRAINT chats_description_length CHECK (length(description) <= 1000)
);
CREATE INDEX chats_workspace_idx ON chats (workspace_id);
-- A Single chat exists once per pair and workspace.
CREATE UNIQUE INDEX chats_single_pair_key ON chats (workspace_id, pair) WHERE cardinality(pair) = 2;

-- workspace_id repeats the chat's, so that two foreign keys keep the members of a chat inside its workspace.
CREATE TABLE chat_members (
    chat_id       bigint NOT NULL,
    user_id       bigint NOT NULL,
    workspace_id  bigint NOT NULL,
    role          text NOT NULL DEFAULT 'member',
    last_read_seq bigint NOT NULL,
    joined_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (chat_id, user_id),
    CONSTRAINT chat_members_chat_fkey FOREIGN KEY (chat_id, workspace_id)
        REFERENCES chats (id, workspace_id) ON DELETE CASCADE,
    CONSTRAINT chat_members_in_workspace FOREIGN KEY (workspace_id, user_id)
        REFERENCES workspace_members (workspace_id, user_id) ON DELETE CASCADE,
    CONSTRAINT chat_members_role_known CHECK (role IN ('owner', 'admin', 'member')),
    CONSTRAINT chat_members_last_read_seq_range CHECK (last_read_seq >= 0)
);
CREATE INDEX chat_members_user_idx ON chat_members (user_id, workspace_id);

-- id and seq are given by a trigger under the chat's row lock: both rise in commit order within a chat.
CREATE SEQUENCE messages_id_seq;
CREATE TABLE messages (
    id         bigint PRIMARY KEY,
    chat_id    bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    seq        bigint NOT NULL,
    sender_id  bigint NOT NULL REFERENCES users,
    content    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    CONSTRAINT messages_chat_seq_key UNIQUE (chat_id, seq),
    CONSTRAINT messages_content_length CHECK (length(content) <= 10000 AND btrim(content, E' \t\r\n') <> '')
);
ALTER SEQUENCE messages_id_seq OWNED BY messages.id;
CREATE INDEX messages_sender_idx ON messages (sender_id);

-- What a client asked for under which key: a retry gets the first answer.
CREATE TABLE idempotency_keys (
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    message_id  bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key),
    CONSTRAINT idempotency_keys_key_length CHECK (length(key) BETWEEN 1 AND 255)
);
CREATE INDEX idempotency_keys_message_idx ON idempotency_keys (message_id);
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);

-- migrate:down
DROP TABLE idempotency_keys, messages, chat_members, chats, workspace_members, workspaces;
