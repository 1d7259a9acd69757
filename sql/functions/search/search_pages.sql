-- The index of pages: what its follower is to do, and how it writes. Unlike messages, pages say by their versions and names
-- whether what is indexed is current, so a search never depends on how far the follower is.

-- These pages are to be indexed, unless they are as their snapshots have them.
CREATE FUNCTION search_expect_pages(pages bigint[]) RETURNS void LANGUAGE sql VOLATILE
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
    INSERT INTO search_pages AS known (page_id, due_at)
    SELECT p.page_id, now() FROM pages p JOIN documents d ON d.id = p.page_id JOIN page_snapshots s USING (page_id)
    LEFT JOIN search_pages i USING (page_id)
    WHERE p.page_id = ANY (pages) AND (i.version, i.name) IS DISTINCT FROM (s.version, d.name)
    ORDER BY p.page_id
    ON CONFLICT (page_id) DO UPDATE SET due_at = coalesce(known.due_at, excluded.due_at)
$$;

-- Indexes a page as it was at a version, unless a newer one is there. `words`: its tokens, with spaces between them; null if
-- they are too many. It stays due if its snapshot is newer by now.
CREATE FUNCTION search_store_page(page bigint, at_version bigint, named text, words text) RETURNS void LANGUAGE sql VOLATILE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO search_pages AS known (page_id, version, name, tsv)
    SELECT page_id, at_version, named, array_to_tsvector(string_to_array(words, ' ')) FROM pages WHERE page_id = page
    ON CONFLICT (page_id) DO UPDATE SET
        version = excluded.version, name = excluded.name, tsv = excluded.tsv,
        due_at = CASE WHEN EXISTS (SELECT FROM page_snapshots s WHERE s.page_id = page AND s.version > at_version)
                      THEN known.due_at END
    WHERE known.version <= excluded.version
$$;
