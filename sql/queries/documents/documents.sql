-- name: documents_of_workspace(kind, workspace, user, deleted, search, after, limit)
-- A page of the user's documents of a kind in a workspace, by id: existing ones, or the deleted ones that they own.
WITH page AS (
    SELECT document_id AS id, document_json(documents, :user) AS item
    FROM document_members m JOIN documents ON documents.id = document_id
    WHERE m.user_id = :user AND m.workspace_id = :workspace AND m.kind = :kind AND document_id > :after
      AND CASE WHEN :deleted THEN deleted_at IS NOT NULL AND role = 'owner' ELSE deleted_at IS NULL END
      AND position(fold_name(:search) IN fold_name(name)) > 0
    ORDER BY document_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: document_lock(kind, document, user)
-- Locks a document, its members and their roles until the end of the transaction, for its members only.
SELECT true FROM documents
WHERE id = :document AND kind = :kind
  AND EXISTS (SELECT FROM document_members WHERE document_id = :document AND user_id = :user)
FOR NO KEY UPDATE;

-- name: document_access(kind, document, user, target)
-- What permissions depend on: the document's size, whether it is deleted, and the roles of the caller and of the member
-- concerned. No row if it is of another kind.
SELECT d.kind, d.member_count, d.deleted_at IS NOT NULL AS deleted, caller.role, target.role AS target_role
FROM documents d
LEFT JOIN document_members caller ON caller.document_id = d.id AND caller.user_id = :user
LEFT JOIN document_members target ON target.document_id = d.id AND target.user_id = :target
WHERE d.id = :document AND d.kind = :kind;

-- name: document_create(kind, user, workspace, name)
-- A new document, owned by the user.
SELECT create_document(:user, :workspace, :kind, :name)::text;

-- name: document_by_id(kind, document, user)
-- A document as the user sees it.
SELECT document_json(documents, :user)::text FROM documents WHERE id = :document AND kind = :kind;

-- name: document_seq(kind, document)
-- The number of its edits.
SELECT last_seq FROM documents WHERE id = :document AND kind = :kind;

-- name: document_update(kind, document, user, name)
-- Null leaves the name as it is.
UPDATE documents SET name = coalesce(:name, name) WHERE id = :document AND kind = :kind
RETURNING document_json(documents, :user)::text;

-- name: document_delete(kind, document)
-- Deletes it, until it is restored. Deleting it again changes nothing.
UPDATE documents SET deleted_at = now() WHERE id = :document AND kind = :kind AND deleted_at IS NULL;

-- name: document_restore(kind, document, user)
-- Reverts a deletion.
UPDATE documents SET deleted_at = NULL WHERE id = :document AND kind = :kind RETURNING document_json(documents, :user)::text;
