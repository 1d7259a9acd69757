-- name: document_thumbnail(kind, document, unless)
-- A document's thumbnail and its version, without the picture if the client already has that version.
SELECT media_type, version, CASE WHEN version IS DISTINCT FROM :unless::text THEN data END AS data
FROM documents JOIN document_thumbnails t ON t.document_id = documents.id
CROSS JOIN LATERAL (SELECT '"' || (extract(epoch FROM t.updated_at) * 1000000)::bigint || '"' AS version) etag
WHERE documents.id = :document AND kind = :kind;

-- name: document_thumbnail_set(kind, document, data)
-- Replaces the previous one.
INSERT INTO document_thumbnails (document_id, data) SELECT id, :data FROM documents WHERE id = :document AND kind = :kind
ON CONFLICT (document_id) DO UPDATE SET data = excluded.data
RETURNING document_thumbnail_json(document_thumbnails)::text;

-- name: document_thumbnail_remove(kind, document)
-- Removes it.
DELETE FROM document_thumbnails USING documents WHERE documents.id = :document AND kind = :kind AND document_id = documents.id;
