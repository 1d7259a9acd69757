-- name: pages_of_workspace(workspace, user, deleted, template, search, after, limit)
-- A page of the user's pages in a workspace, by id: existing ones, or the deleted ones that they own; only templates, or
-- only others, unless template is null.
WITH page AS (
    SELECT document_id AS id, document_json(documents, :user) AS item
    FROM document_members m JOIN documents ON documents.id = document_id JOIN pages ON page_id = document_id
    WHERE m.user_id = :user AND m.workspace_id = :workspace AND m.kind = 'page' AND document_id > :after
      AND CASE WHEN :deleted THEN deleted_at IS NOT NULL AND role = 'owner' ELSE deleted_at IS NULL END
      AND (:template::boolean IS NULL OR is_template = :template)
      AND position(fold_name(:search) IN fold_name(name)) > 0
    ORDER BY document_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: page_set_template(page, is_template)
-- Makes a page a template, or an ordinary one.
UPDATE pages SET is_template = :is_template WHERE page_id = :page AND is_template <> :is_template;
