-- migrate:up

-- Copies to show of what is in a blob: WebP, without the original's metadata. `key` names them in the store. Sizes in pixels.
CREATE TABLE previews (
    workspace_id bigint NOT NULL,
    sha256       bytea NOT NULL,
    name         text NOT NULL,
    key          uuid NOT NULL UNIQUE,
    size         bigint NOT NULL,
    width        integer NOT NULL,
    height       integer NOT NULL,
    PRIMARY KEY (workspace_id, sha256, name),
    CONSTRAINT previews_blob_fkey FOREIGN KEY (workspace_id, sha256) REFERENCES blobs ON DELETE CASCADE,
    CONSTRAINT previews_name_known CHECK (name IN ('thumbnail', 'preview')),
    CONSTRAINT previews_size_range CHECK (size > 0 AND width > 0 AND height > 0)
);

-- The words in a blob, for search.
CREATE TABLE blob_texts (
    workspace_id bigint NOT NULL,
    sha256       bytea NOT NULL,
    text         text NOT NULL,
    PRIMARY KEY (workspace_id, sha256),
    CONSTRAINT blob_texts_blob_fkey FOREIGN KEY (workspace_id, sha256) REFERENCES blobs ON DELETE CASCADE,
    CONSTRAINT blob_texts_length CHECK (length(text) <= 200000)
);

-- Pending files, until a server has looked at them. due_at: when another server may try, because the one that was looking has died.
CREATE TABLE file_looks (
    file_id bigint PRIMARY KEY REFERENCES files ON DELETE CASCADE,
    tries   smallint NOT NULL DEFAULT 0,
    due_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX file_looks_due_idx ON file_looks (due_at);

-- waveform: the loudness of equal parts of a recording, 0 to 100. no_preview: why there is none, though one was tried.
ALTER TABLE files
    ADD COLUMN animated boolean NOT NULL DEFAULT false,
    ADD COLUMN pages integer,
    ADD COLUMN waveform smallint[],
    ADD COLUMN no_preview text,
    ADD CONSTRAINT files_pages_range CHECK (pages > 0),
    ADD CONSTRAINT files_waveform_length CHECK (cardinality(waveform) <= 64),
    ADD CONSTRAINT files_no_preview_length CHECK (length(no_preview) <= 500);

-- migrate:down
INSERT INTO blob_deletions (key) SELECT key FROM previews ON CONFLICT DO NOTHING;
UPDATE files SET state = 'ready' WHERE state = 'pending';
ALTER TABLE files DROP COLUMN animated, DROP COLUMN pages, DROP COLUMN waveform, DROP COLUMN no_preview;
DROP TABLE file_looks, blob_texts, previews;
