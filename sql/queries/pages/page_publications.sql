-- name: page_publication(page)
-- What a page has published, without the content.
SELECT page_publication_json(p)::text FROM page_publications p WHERE page_id = :page;

-- name: page_publish(page, user, audience, slug, fallback, version, schema, content)
-- Publishes a version of a page, in place of what it had published.
SELECT publish_page(:page, :user, :audience, :slug, :fallback, :version, :schema, :content)::text;

-- name: page_unpublish(page)
-- Takes back what a page has published; the id of the page, none if it has published nothing.
DELETE FROM page_publications WHERE page_id = :page RETURNING page_id;

-- name: published_page(slug, user, public)
-- What is published at an address, if this user, or null for a visitor, may see it; without the content. Its page is not
-- deleted. Unless `public` and the workspace allows it, its members alone see what was published for everyone.
SELECT p.id, p.page_id, p.name, p.slug, p.version, p.published_at, p.audience = 'public' AND w.public_publishing AND :public AS for_all, page_publication_json(p)::text AS shown
FROM page_publications p JOIN documents d ON d.id = p.page_id JOIN workspaces w ON w.id = d.workspace_id
WHERE p.slug = :slug AND d.deleted_at IS NULL
  AND (p.audience = 'public' AND w.public_publishing AND :public OR EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = d.workspace_id AND m.user_id = :user));

-- name: published_content(publication, published_at)
-- The content of a publication as of that time; none if it has been replaced since.
SELECT schema, content FROM page_publications WHERE id = :publication AND published_at = :published_at;

-- name: published_picture(page, file)
-- A picture that is attached to a page, as only somebody who saw it has done. One that is being scanned or was refused is none.
SELECT f.name, f.size, f.type, encode(f.sha256, 'hex') AS sha256, b.key, b.store, b.sealed_key, b.lost_at IS NOT NULL AS lost
FROM files f JOIN blobs b USING (workspace_id, sha256) JOIN file_uses use ON use.file_id = f.id
WHERE use.document_id = :page AND use.file_id = :file AND f.type LIKE 'image/%' AND f.state NOT IN ('scanning', 'refused');
