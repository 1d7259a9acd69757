-- name: page_comments(page, component, resolved, after, limit)
-- A page of a page's comments by id; on one component, and of resolved or of open threads, unless these are null.
WITH page AS (
    SELECT c.id, page_comment_json(c) AS item
    FROM page_comments c JOIN page_comments first ON first.id = coalesce(c.reply_to, c.id)
    WHERE c.page_id = :page AND c.id > :after
      AND (:component::text IS NULL OR c.component_id = :component)
      AND (:resolved::boolean IS NULL OR (first.resolved_at IS NOT NULL) = :resolved)
    ORDER BY c.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: page_comment(page, comment)
-- A comment, and its author.
SELECT author_id, reply_to, page_comment_json(c)::text AS shown FROM page_comments c WHERE page_id = :page AND id = :comment;

-- name: page_comment_create(page, component, version, reply_to, user, content)
-- Adds a comment. A reply takes its component and version from its thread.
INSERT INTO page_comments AS c (page_id, component_id, version, reply_to, author_id, content)
VALUES (:page, coalesce(:component, '?'), :version, :reply_to, :user, :content)
RETURNING page_comment_json(c)::text;

-- name: page_comment_edit(page, comment, content)
-- Changes its text.
UPDATE page_comments c SET content = :content WHERE page_id = :page AND id = :comment RETURNING page_comment_json(c)::text;

-- name: page_comment_resolve(page, comment, user, resolved)
-- Resolves a thread, or opens it again. One that is already resolved stays resolved by whoever did so.
UPDATE page_comments c SET resolved_at = CASE WHEN :resolved THEN coalesce(resolved_at, now()) END,
                           resolved_by = CASE WHEN :resolved THEN CASE WHEN resolved_at IS NULL THEN :user ELSE resolved_by END END
WHERE page_id = :page AND id = :comment AND reply_to IS NULL RETURNING page_comment_json(c)::text;

-- name: page_comment_delete(page, comment)
-- Deletes a comment; the first one of a thread with all replies.
DELETE FROM page_comments WHERE page_id = :page AND id = :comment;
