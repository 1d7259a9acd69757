-- name: document_files(kind, document, after, limit)
-- A page of the files that are attached to a document, by id.
WITH page AS (
    SELECT f.id, file_json(f) AS item
    FROM documents JOIN file_uses use ON use.document_id = documents.id JOIN files f ON f.id = use.file_id
    WHERE documents.id = :document AND kind = :kind AND f.id > :after
    ORDER BY f.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: document_file_attach(kind, document, file)
-- Attaches a file, and returns it.
SELECT attach_file(id, :file)::text FROM documents WHERE id = :document AND kind = :kind;

-- name: document_file_detach(kind, document, file)
-- A file that is used nowhere else is deleted.
SELECT detach_file(id, :file) FROM documents WHERE id = :document AND kind = :kind;
