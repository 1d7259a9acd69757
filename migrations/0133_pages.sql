-- migrate:up

-- A page is a document of the kind page: JSON that people edit together by patches. Its version is documents.last_seq.
ALTER TABLE documents
    DROP CONSTRAINT documents_kind_known,
    ADD CONSTRAINT documents_kind_known CHECK (kind IN ('board', 'page'));
ALTER TABLE storage_usage
    DROP CONSTRAINT storage_usage_kind_known,
    ADD CONSTRAINT storage_usage_kind_known
        CHECK (kind IN ('boards', 'pages', 'versions', 'thumbnails', 'files', 'uploads'));

-- schema: whether the content must be a page's tree of components, or may be any JSON.
CREATE TABLE pages (
    page_id     bigint PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    schema      text NOT NULL DEFAULT 'page',
    is_template boolean NOT NULL DEFAULT false,
    CONSTRAINT pages_schema_known CHECK (schema IN ('page', 'free'))
);

-- The content of a page at one version. Text, since jsonb refuses \u0000, drops -0.0 and does not keep the order of members.
CREATE TABLE page_snapshots (
    page_id bigint PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    version bigint NOT NULL,
    content text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT page_snapshots_version_range CHECK (version >= 0),
    CONSTRAINT page_snapshots_content_length CHECK (octet_length(content) BETWEEN 1 AND 67108864)
);

-- The patches of a page (RFC 6902), each of which makes it one version newer: the primary key is their order. op_id is
-- the client's name for it, by which a repeated one is recognised, and digest tells whether its patch is the same. base is
-- the version that the client had seen. inverse is the patch that reverts it, effects are what it read and wrote: null if
-- no server has applied it yet, since it came from psql.
CREATE TABLE page_ops (
    page_id    bigint NOT NULL REFERENCES documents ON DELETE CASCADE,
    version    bigint NOT NULL,
    op_id      text NOT NULL DEFAULT gen_random_uuid()::text,
    digest     bytea,
    base       bigint,
    user_id    bigint REFERENCES users ON DELETE SET NULL,
    client_id  text,
    origin     text NOT NULL DEFAULT 'psql',
    patch      text NOT NULL,
    inverse    text,
    effects    text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (page_id, version),
    CONSTRAINT page_ops_op_id_key UNIQUE (page_id, op_id),
    CONSTRAINT page_ops_op_id_length CHECK (length(op_id) BETWEEN 1 AND 64),
    CONSTRAINT page_ops_client_id_length CHECK (length(client_id) BETWEEN 1 AND 64),
    CONSTRAINT page_ops_origin_plain CHECK (origin ~ '^[^ ]{1,64}$'),
    CONSTRAINT page_ops_digest_length CHECK (length(digest) = 16),
    CONSTRAINT page_ops_base_range CHECK (base BETWEEN 0 AND version - 1),
    CONSTRAINT page_ops_patch_is_array CHECK (octet_length(patch) <= 67108864 AND json_typeof(patch::json) = 'array')
);
ALTER TABLE page_ops ALTER COLUMN patch SET STORAGE MAIN, ALTER COLUMN inverse SET STORAGE MAIN;
CREATE INDEX page_ops_user_idx ON page_ops (user_id);

-- migrate:down
DELETE FROM events WHERE kind ~ '^(New)?Page';
DELETE FROM documents WHERE kind = 'page';
DROP TABLE page_ops, page_snapshots, pages;
DELETE FROM storage_usage WHERE kind = 'pages';
ALTER TABLE storage_usage
    DROP CONSTRAINT storage_usage_kind_known,
    ADD CONSTRAINT storage_usage_kind_known CHECK (kind IN ('boards', 'versions', 'thumbnails', 'files', 'uploads'));
ALTER TABLE documents
    DROP CONSTRAINT documents_kind_known,
    ADD CONSTRAINT documents_kind_known CHECK (kind IN ('board'));
