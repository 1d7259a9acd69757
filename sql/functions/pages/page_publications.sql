-- What is told of a publication, without its content.
CREATE FUNCTION page_publication_json(p page_publications) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('page_id', p.page_id, 'audience', p.audience, 'slug', p.slug, 'name', p.name, 'version', p.version,
                             'published_by', p.published_by, 'published_at', p.published_at)
$$;

-- Publishes a version of a page in place of what it had published. A null slug keeps the one that it has, or else becomes
-- fallback.
CREATE FUNCTION publish_page(
    page bigint, publisher bigint, to_audience text, at_slug text, fallback text, at_version bigint, of_schema text, copy text
) RETURNS json LANGUAGE sql AS $$
    INSERT INTO page_publications AS p (page_id, audience, slug, name, version, schema, content, published_by)
    SELECT d.id, to_audience, coalesce(at_slug, fallback), d.name, at_version, of_schema, copy, publisher
    FROM documents d WHERE d.id = page AND d.kind = 'page'
    ON CONFLICT (page_id) DO UPDATE SET audience = excluded.audience, slug = coalesce(at_slug, p.slug), name = excluded.name,
        version = excluded.version, schema = excluded.schema, content = excluded.content, published_by = excluded.published_by
    RETURNING page_publication_json(p)
$$;
