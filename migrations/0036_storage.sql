-- migrate:up

-- What is stored, by workspace, whose it is (0: of nobody who is still there) and kind. Kept by triggers; see
-- sql/functions/storage.sql.
CREATE TABLE storage_usage (
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id      bigint NOT NULL,
    kind         text NOT NULL,
    bytes        bigint NOT NULL,
    PRIMARY KEY (workspace_id, user_id, kind),
    CONSTRAINT storage_usage_kind_known CHECK (kind IN ('boards', 'versions', 'thumbnails')),
    CONSTRAINT storage_usage_bytes_range CHECK (bytes >= 0)
);
CREATE INDEX storage_usage_user_idx ON storage_usage (user_id) INCLUDE (bytes);

-- What a workspace and a user may have stored, as app.yaml says; chat_server writes it here when it starts. 0: no quota.
CREATE TABLE storage_quotas (
    singleton       boolean PRIMARY KEY DEFAULT true,
    workspace_bytes bigint NOT NULL DEFAULT 10737418240,
    user_bytes      bigint NOT NULL DEFAULT 536870912,
    CONSTRAINT storage_quotas_singleton CHECK (singleton),
    CONSTRAINT storage_quotas_range CHECK (workspace_bytes >= 0 AND user_bytes >= 0)
);
INSERT INTO storage_quotas DEFAULT VALUES;

-- A workspace or a user with another quota than all: an operator's word. 0: none.
CREATE TABLE storage_exceptions (
    workspace_id bigint UNIQUE REFERENCES workspaces ON DELETE CASCADE,
    user_id      bigint UNIQUE REFERENCES users ON DELETE CASCADE,
    bytes        bigint NOT NULL,
    CONSTRAINT storage_exceptions_of_one CHECK (num_nonnulls(workspace_id, user_id) = 1),
    CONSTRAINT storage_exceptions_range CHECK (bytes >= 0)
);

-- stored_bytes: updates and snapshot. charged_bytes: how much of it is in storage_usage, which follows in steps; a board
-- with nothing on it counts as 1024.
ALTER TABLE boards
    ADD COLUMN stored_bytes bigint NOT NULL DEFAULT 0,
    ADD COLUMN charged_bytes bigint NOT NULL DEFAULT 1024,
    ADD CONSTRAINT boards_stored_bytes_range CHECK (stored_bytes >= 0);
UPDATE boards b SET stored_bytes = stored.bytes, charged_bytes = 1024 + stored.bytes
FROM (SELECT id, coalesce((SELECT sum(length(data)) FROM board_updates u WHERE u.board_id = boards.id), 0)
                 + coalesce((SELECT length(state) + length(vector) + length(deletions) FROM board_snapshots s
                             WHERE s.board_id = boards.id), 0) AS bytes FROM boards) stored
WHERE b.id = stored.id;
INSERT INTO storage_usage (workspace_id, user_id, kind, bytes)
SELECT workspace_id, coalesce(created_by, 0), 'boards', sum(charged_bytes) FROM boards GROUP BY 1, 2
UNION ALL
SELECT b.workspace_id, coalesce(v.created_by, 0), 'versions', sum(length(v.state))
FROM board_versions v JOIN boards b ON b.id = v.board_id GROUP BY 1, 2
UNION ALL
SELECT b.workspace_id, coalesce(b.created_by, 0), 'thumbnails', sum(length(t.data))
FROM board_thumbnails t JOIN boards b ON b.id = t.board_id GROUP BY 1, 2;

-- migrate:down
ALTER TABLE boards DROP COLUMN stored_bytes, DROP COLUMN charged_bytes;
DROP TABLE storage_exceptions, storage_quotas, storage_usage;
