-- name: search_expect_pages(pages)
-- What the log tells of pages: these are to be indexed.
SELECT search_expect_pages(:pages);

-- name: search_page_due()
-- The page that has waited longest to be indexed, as its snapshot has it; no row if none waits.
SELECT i.page_id, s.version, d.name, p.schema, s.content
FROM (SELECT page_id FROM search_pages WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1) i
JOIN pages p USING (page_id) JOIN page_snapshots s USING (page_id) JOIN documents d ON d.id = i.page_id;

-- name: search_store_page(page, version, name, text)
-- Indexes a page as it was at a version: its tokens, with spaces between them.
SELECT search_store_page(:page, :version, :name, :text);

-- name: search_pages(user, workspace, words, query, after, amount, bytes)
-- Pages that may be found, by id after an id, of those that the user is a member of: what has all of these words in its name
-- (`named`), what the index has for the query (all if that is null), and what is not indexed as it is now. Each with its
-- content as page_load has it; the caller decides by that. At least one, and then as many as fit into about `bytes` bytes
-- together; `candidates` is how many there were before that.
WITH candidate AS MATERIALIZED (
    SELECT d.id, d.stored_bytes, name.has_words
    FROM document_members me JOIN documents d ON d.id = me.document_id LEFT JOIN search_pages i ON i.page_id = d.id
    CROSS JOIN LATERAL (
        SELECT NOT EXISTS (SELECT FROM unnest(:words::text[]) word WHERE position(fold_name(word) IN fold_name(d.name)) = 0) AS has_words
    ) name
    WHERE me.user_id = :user AND d.kind = 'page' AND d.deleted_at IS NULL AND d.id > :after
      AND (:workspace::bigint IS NULL OR d.workspace_id = :workspace)
      AND (name.has_words OR :query::text IS NULL OR i.tsv IS NULL OR (i.version, i.name) IS DISTINCT FROM (d.last_seq, d.name)
           OR d.id IN (SELECT page_id FROM search_pages WHERE tsv @@ :query::text::tsquery))
    ORDER BY d.id LIMIT :amount
), few AS MATERIALIZED (
    SELECT id, has_words FROM (SELECT *, sum(stored_bytes) OVER (ORDER BY id) - stored_bytes AS before FROM candidate) c
    WHERE before < :bytes
)
SELECT d.id, few.has_words AS named, d.name, document_json(d, :user)::text AS page, (SELECT count(*) FROM candidate) AS candidates,
       d.last_seq AS version, p.schema, s.version AS snapshot_version, s.content, o.*
FROM few JOIN documents d ON d.id = few.id JOIN pages p ON p.page_id = d.id JOIN page_snapshots s ON s.page_id = d.id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(version ORDER BY version), '{}') AS versions,
           coalesce(array_agg(patch ORDER BY version), '{}') AS patches
    FROM page_ops WHERE page_id = d.id AND version > s.version
) o
ORDER BY d.id;
