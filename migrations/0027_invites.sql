-- migrate:up

-- A link that lets people into a chat or onto a board. Of its token only the SHA-256 is kept. To revoke one is to delete it.
CREATE TABLE invites (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chat_id    bigint REFERENCES chats ON DELETE CASCADE,
    board_id   bigint REFERENCES boards ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    role       text NOT NULL,
    created_by bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    max_uses   integer,
    uses       integer NOT NULL DEFAULT 0,
    CONSTRAINT invites_lead_to_one CHECK (num_nonnulls(chat_id, board_id) = 1),
    CONSTRAINT invites_role_known CHECK (
        role IN ('owner', CASE WHEN board_id IS NULL THEN 'admin' ELSE 'editor' END,
                 CASE WHEN board_id IS NULL THEN 'member' ELSE 'viewer' END)),
    CONSTRAINT invites_token_hash_length CHECK (length(token_hash) = 32),
    CONSTRAINT invites_expires_later CHECK (expires_at > created_at AND isfinite(expires_at)),
    CONSTRAINT invites_max_uses_range CHECK (max_uses > 0),
    CONSTRAINT invites_uses_range CHECK (uses BETWEEN 0 AND coalesce(max_uses, uses))
);
-- Those of chats keep their ids, which clients have in their copies. Those of boards get new ones after them: only the
-- audit log named the old ones.
INSERT INTO invites OVERRIDING SYSTEM VALUE
SELECT id, chat_id, NULL, token_hash, role, created_by, created_at, expires_at, max_uses, uses FROM chat_invites;
SELECT setval('invites_id_seq', last_value, is_called) FROM chat_invites_id_seq;
INSERT INTO invites (board_id, token_hash, role, created_by, created_at, expires_at, max_uses, uses)
SELECT board_id, token_hash, role, created_by, created_at, expires_at, max_uses, uses FROM board_invites ORDER BY id;
CREATE UNIQUE INDEX invites_token_hash_key ON invites (token_hash);
CREATE INDEX invites_chat_idx ON invites (chat_id, id);
CREATE INDEX invites_board_idx ON invites (board_id, id);
CREATE INDEX invites_created_by_idx ON invites (created_by);
CREATE INDEX invites_expires_idx ON invites (expires_at);

-- With what sql/ had made for each.
DROP FUNCTION IF EXISTS chat_invite_json(chat_invites), chat_invite_audit(chat_invites),
    board_invite_json(board_invites), board_invite_audit(board_invites), newest_chat_invites_json(bigint);
DROP TABLE chat_invites, board_invites;
DROP FUNCTION IF EXISTS log_chat_invites(), audit_chat_invites(), log_board_invites(), audit_board_invites();

-- Events for the owners of a board, as there are for the admins of a chat.
ALTER TABLE events DROP CONSTRAINT events_audience_known;
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'board' THEN board_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'admins' THEN num_nonnulls(chat_id, board_id, workspace_ids) = 1
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);

-- migrate:down
DELETE FROM events WHERE audience = 'admins' AND board_id IS NOT NULL;
ALTER TABLE events DROP CONSTRAINT events_audience_known;
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'board' THEN board_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'admins' THEN num_nonnulls(chat_id, workspace_ids) = 1
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);
CREATE TABLE chat_invites (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chat_id    bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    role       text NOT NULL DEFAULT 'member',
    created_by bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    max_uses   integer,
    uses       integer NOT NULL DEFAULT 0,
    CONSTRAINT chat_invites_role_known CHECK (role IN ('owner', 'admin', 'member')),
    CONSTRAINT chat_invites_token_hash_length CHECK (length(token_hash) = 32),
    CONSTRAINT chat_invites_expires_later CHECK (expires_at > created_at AND isfinite(expires_at)),
    CONSTRAINT chat_invites_max_uses_range CHECK (max_uses > 0),
    CONSTRAINT chat_invites_uses_range CHECK (uses BETWEEN 0 AND coalesce(max_uses, uses))
);
CREATE TABLE board_invites (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    board_id   bigint NOT NULL REFERENCES boards ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    role       text NOT NULL,
    created_by bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    max_uses   integer,
    uses       integer NOT NULL DEFAULT 0,
    CONSTRAINT board_invites_role_known CHECK (role IN ('owner', 'editor', 'viewer')),
    CONSTRAINT board_invites_token_hash_length CHECK (length(token_hash) = 32),
    CONSTRAINT board_invites_expires_later CHECK (expires_at > created_at AND isfinite(expires_at)),
    CONSTRAINT board_invites_max_uses_range CHECK (max_uses > 0),
    CONSTRAINT board_invites_uses_range CHECK (uses BETWEEN 0 AND coalesce(max_uses, uses))
);
INSERT INTO chat_invites OVERRIDING SYSTEM VALUE
SELECT id, chat_id, token_hash, role, created_by, created_at, expires_at, max_uses, uses FROM invites WHERE chat_id IS NOT NULL;
INSERT INTO board_invites OVERRIDING SYSTEM VALUE
SELECT id, board_id, token_hash, role, created_by, created_at, expires_at, max_uses, uses FROM invites WHERE board_id IS NOT NULL;
SELECT setval('chat_invites_id_seq', last_value, is_called), setval('board_invites_id_seq', last_value, is_called)
FROM invites_id_seq;
DROP TABLE invites;
CREATE UNIQUE INDEX chat_invites_token_hash_key ON chat_invites (token_hash);
CREATE UNIQUE INDEX board_invites_token_hash_key ON board_invites (token_hash);
CREATE INDEX chat_invites_chat_idx ON chat_invites (chat_id, id);
CREATE INDEX board_invites_board_idx ON board_invites (board_id, id);
CREATE INDEX chat_invites_created_by_idx ON chat_invites (created_by);
CREATE INDEX board_invites_created_by_idx ON board_invites (created_by);
CREATE INDEX chat_invites_expires_idx ON chat_invites (expires_at);
CREATE INDEX board_invites_expires_idx ON board_invites (expires_at);
