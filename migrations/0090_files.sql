-- migrate:up

-- The bytes of files, once in a workspace however often they are uploaded. `key` names them in the store (`storage` in app.yaml):
-- it is the id of the upload that brought them, and is never used again.
CREATE TABLE blobs (
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    sha256       bytea NOT NULL,
    size         bigint NOT NULL,
    key          uuid NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, sha256),
    CONSTRAINT blobs_sha256_length CHECK (length(sha256) = 32),
    CONSTRAINT blobs_size_range CHECK (size >= 0)
);

-- type is what the bytes say, not the uploader. width and height are in pixels as shown, duration in seconds, placeholder a
-- thumbhash in base64; they are null until they are known. A file without a use is deleted after a day.
CREATE TABLE files (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    uploader_id  bigint REFERENCES users ON DELETE SET NULL,
    sha256       bytea NOT NULL,
    size         bigint NOT NULL,
    type         text NOT NULL,
    name         text NOT NULL,
    width        integer,
    height       integer,
    duration     double precision,
    placeholder  text,
    state        text NOT NULL DEFAULT 'ready',
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT files_blob_fkey FOREIGN KEY (workspace_id, sha256) REFERENCES blobs DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT files_size_range CHECK (size >= 0),
    CONSTRAINT files_name_length CHECK (octet_length(name) BETWEEN 1 AND 255),
    CONSTRAINT files_name_has_no_path CHECK (name !~ '[/\\]' AND name NOT IN ('.', '..')),
    CONSTRAINT files_type_form CHECK (type ~ '^[a-z]+/[a-z0-9.+-]+$' AND length(type) <= 100),
    CONSTRAINT files_state_known CHECK (state IN ('pending', 'ready', 'refused')),
    CONSTRAINT files_pixels_range CHECK (width > 0 AND height > 0 AND num_nulls(width, height) IN (0, 2)),
    CONSTRAINT files_duration_range CHECK (duration >= 0),
    CONSTRAINT files_placeholder_length CHECK (length(placeholder) <= 64)
);
CREATE INDEX files_blob_idx ON files (workspace_id, sha256);
CREATE INDEX files_uploader_idx ON files (uploader_id, id);
CREATE INDEX files_created_idx ON files (created_at);

-- Where files are shown. Whoever sees the place sees the file. The constraint is checked at COMMIT, when a workspace has gone
-- with all of it.
CREATE TABLE file_uses (
    file_id    bigint NOT NULL REFERENCES files DEFERRABLE INITIALLY DEFERRED,
    message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    chat_id    bigint NOT NULL,
    PRIMARY KEY (file_id, message_id)
);
CREATE INDEX file_uses_message_idx ON file_uses (message_id);

-- Uploads that have begun. size is reserved in storage_usage until the file is there; received bytes are on disk. A finished
-- upload keeps its row until it expires, for clients that have not received the response.
CREATE TABLE uploads (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id      bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    name         text NOT NULL,
    size         bigint NOT NULL,
    received     bigint NOT NULL DEFAULT 0,
    file_id      bigint REFERENCES files ON DELETE SET NULL,
    finished_at  timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    CONSTRAINT uploads_received_range CHECK (received BETWEEN 0 AND size),
    CONSTRAINT uploads_finished_whole CHECK (finished_at IS NULL OR received = size)
);
CREATE INDEX uploads_expires_idx ON uploads (expires_at);
CREATE INDEX uploads_user_idx ON uploads (user_id);
CREATE INDEX uploads_workspace_idx ON uploads (workspace_id);
CREATE INDEX uploads_file_idx ON uploads (file_id) WHERE file_id IS NOT NULL;

-- Keys whose bytes nothing refers to any more. chat_server removes the bytes, then the row.
CREATE TABLE blob_deletions (
    key      uuid PRIMARY KEY,
    since    timestamptz NOT NULL DEFAULT now(),
    tried_at timestamptz,
    error    text
);
CREATE INDEX blob_deletions_since_idx ON blob_deletions (since);

-- The files of a message, in the order in which they are shown.
ALTER TABLE messages
    ADD COLUMN files bigint[],
    ADD CONSTRAINT messages_files_amount CHECK (cardinality(files) BETWEEN 1 AND 10 AND array_position(files, NULL) IS NULL),
    DROP CONSTRAINT messages_content_length,
    ADD CONSTRAINT messages_content_length CHECK (
        length(content) <= 10000 AND (btrim(content, E' \t\r\n') <> '' OR deleted_at IS NOT NULL OR files IS NOT NULL)),
    DROP CONSTRAINT messages_deleted_is_empty,
    ADD CONSTRAINT messages_deleted_is_empty CHECK (
        deleted_at IS NULL AND deleted_by IS NULL
        OR deleted_at IS NOT NULL AND content = '' AND num_nonnulls(metadata, forwarded_from, files) = 0);
ALTER TABLE message_edits ADD COLUMN files bigint[];

ALTER TABLE storage_usage
    DROP CONSTRAINT storage_usage_kind_known,
    ADD CONSTRAINT storage_usage_kind_known CHECK (kind IN ('boards', 'versions', 'thumbnails', 'files', 'uploads'));

-- migrate:down
DELETE FROM storage_usage WHERE kind IN ('files', 'uploads');
ALTER TABLE storage_usage
    DROP CONSTRAINT storage_usage_kind_known,
    ADD CONSTRAINT storage_usage_kind_known CHECK (kind IN ('boards', 'versions', 'thumbnails'));
ALTER TABLE message_edits DROP COLUMN files;
DELETE FROM messages WHERE btrim(content, E' \t\r\n') = '' AND deleted_at IS NULL;
ALTER TABLE messages
    DROP CONSTRAINT messages_content_length,
    DROP CONSTRAINT messages_deleted_is_empty,
    DROP COLUMN files,
    ADD CONSTRAINT messages_content_length CHECK (
        length(content) <= 10000 AND (btrim(content, E' \t\r\n') <> '' OR deleted_at IS NOT NULL)),
    ADD CONSTRAINT messages_deleted_is_empty CHECK (
        deleted_at IS NULL AND deleted_by IS NULL
        OR deleted_at IS NOT NULL AND content = '' AND num_nonnulls(metadata, forwarded_from) = 0);
DROP TABLE blob_deletions, uploads, file_uses, files, blobs;
