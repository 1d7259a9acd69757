-- migrate:up

-- Documents that people edit together; what is on one is not told in the log. member_count is kept by triggers.
-- deleted_at: nobody but an owner sees it, who may restore it.
CREATE TABLE boards (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name         text NOT NULL,
    member_count integer NOT NULL DEFAULT 0,
    created_by   bigint REFERENCES users ON DELETE SET NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    deleted_at   timestamptz,
    UNIQUE (id, workspace_id),
    CONSTRAINT boards_name_length CHECK (length(name) <= 80 AND btrim(name) <> ''),
    CONSTRAINT boards_deleted_at_range CHECK (isfinite(deleted_at)),
    CONSTRAINT board_members_amount CHECK (member_count <= 1000)
);
CREATE INDEX boards_workspace_idx ON boards (workspace_id);
CREATE INDEX boards_created_by_idx ON boards (created_by);

-- workspace_id repeats the board's, so that two foreign keys keep the members of a board inside its workspace.
CREATE TABLE board_members (
    board_id     bigint NOT NULL,
    user_id      bigint NOT NULL,
    workspace_id bigint NOT NULL,
    role         text NOT NULL,
    invited_by   bigint REFERENCES users ON DELETE SET NULL,
    joined_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (board_id, user_id),
    CONSTRAINT board_members_board_fkey FOREIGN KEY (board_id, workspace_id)
        REFERENCES boards (id, workspace_id) ON DELETE CASCADE,
    CONSTRAINT board_members_in_workspace FOREIGN KEY (workspace_id, user_id)
        REFERENCES workspace_members (workspace_id, user_id) ON DELETE CASCADE,
    CONSTRAINT board_members_role_known CHECK (role IN ('owner', 'editor', 'viewer'))
);
CREATE INDEX board_members_user_idx ON board_members (user_id, workspace_id);
CREATE INDEX board_members_invited_by_idx ON board_members (invited_by);

-- As chat_invites.
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
CREATE UNIQUE INDEX board_invites_token_hash_key ON board_invites (token_hash);
CREATE INDEX board_invites_board_idx ON board_invites (board_id, id);
CREATE INDEX board_invites_created_by_idx ON board_invites (created_by);

-- A small picture of a board, made by a client. What it is its first bytes say, and nothing else.
CREATE TABLE board_thumbnails (
    board_id   bigint PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    data       bytea NOT NULL,
    media_type text GENERATED ALWAYS AS (CASE
        WHEN substr(data, 1, 8) = '\x89504e470d0a1a0a' THEN 'image/png'
        WHEN substr(data, 1, 3) = '\xffd8ff' THEN 'image/jpeg'
        WHEN substr(data, 1, 4) = '\x52494646' AND substr(data, 9, 4) = '\x57454250' THEN 'image/webp'
    END) STORED,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT board_thumbnails_size CHECK (length(data) <= 262144),
    CONSTRAINT board_thumbnails_media_type_known CHECK (media_type IS NOT NULL)
);
ALTER TABLE board_thumbnails ALTER COLUMN data SET STORAGE EXTERNAL;

-- One more audience: board, the members of board_id.
ALTER TABLE events ADD COLUMN board_id bigint;
ALTER TABLE events DROP CONSTRAINT events_audience_known;
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'board' THEN board_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'admins' THEN workspace_ids IS NOT NULL
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);
DROP INDEX events_granted_idx;
CREATE INDEX events_granted_idx ON events (user_id, position)
    WHERE kind IN ('NewChat', 'NewBoard', 'BoardRestored', 'WorkspaceMemberJoined');

ALTER TABLE audit_log ADD COLUMN board_id bigint;

-- migrate:down
ALTER TABLE audit_log DROP COLUMN board_id;
DELETE FROM events WHERE board_id IS NOT NULL;
DROP INDEX events_granted_idx;
CREATE INDEX events_granted_idx ON events (user_id, position) WHERE kind IN ('NewChat', 'WorkspaceMemberJoined');
ALTER TABLE events DROP CONSTRAINT events_audience_known;
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'admins' THEN workspace_ids IS NOT NULL
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);
ALTER TABLE events DROP COLUMN board_id;
DROP TABLE board_thumbnails, board_invites, board_members, boards;
