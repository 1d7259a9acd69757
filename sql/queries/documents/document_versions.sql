-- name: document_versions(kind, document, after, limit)
-- A page of a document's versions, by id.
WITH page AS (
    SELECT v.id, document_version_json(v, kind) AS item FROM documents JOIN document_versions v ON v.document_id = documents.id
    WHERE documents.id = :document AND kind = :kind AND v.id > :after
    ORDER BY v.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: document_version_create(kind, document, user, name, seq, state)
-- The current content of a document, as a named version.
INSERT INTO document_versions AS v (document_id, created_by, name, seq, state)
SELECT id, :user, :name, :seq, :state FROM documents WHERE id = :document AND kind = :kind
RETURNING document_version_json(v, :kind)::text;

-- name: document_version_before(kind, document, user, name, seq, state)
-- The same, unless there is a version of it already.
INSERT INTO document_versions AS v (document_id, created_by, name, seq, state)
SELECT id, :user, left(:name, 80), :seq, :state FROM documents
WHERE id = :document AND kind = :kind AND NOT EXISTS (SELECT FROM document_versions WHERE document_id = :document AND seq = :seq)
RETURNING document_version_json(v, :kind)::text;

-- name: document_version_by_id(kind, document, version)
-- A version, without its state.
SELECT document_version_json(v, kind)::text FROM documents JOIN document_versions v ON v.document_id = documents.id
WHERE documents.id = :document AND kind = :kind AND v.id = :version;

-- name: document_version_state(kind, document, version, part_bytes)
-- A version with its state, in parts of any order, as in board_load.
SELECT name, seq, at, substr(state, at, :part_bytes) AS data
FROM (
    SELECT v.name, v.seq, v.state || ''::bytea AS state FROM documents JOIN document_versions v ON v.document_id = documents.id
    WHERE documents.id = :document AND kind = :kind AND v.id = :version
    OFFSET 0
) whole, generate_series(1, length(state), :part_bytes) AS at;

-- name: document_version_rename(kind, document, version, name)
-- Null leaves the name as it is.
UPDATE document_versions v SET name = coalesce(:name, v.name) FROM documents
WHERE v.id = :version AND v.document_id = :document AND documents.id = :document AND kind = :kind
RETURNING document_version_json(v, kind)::text;

-- name: document_version_creator(kind, document, version)
-- The creator of a version; no row if there is none.
SELECT v.created_by FROM documents JOIN document_versions v ON v.document_id = documents.id
WHERE documents.id = :document AND kind = :kind AND v.id = :version;

-- name: document_version_delete(kind, document, version)
-- Deletes it for good.
DELETE FROM document_versions v USING documents
WHERE v.id = :version AND v.document_id = :document AND documents.id = :document AND kind = :kind;
