-- Writes of both servers to the content of pages: batches of patches, and snapshots.

-- Appends patches to pages and sends one notification. versions[i] is the version that patch i is to become: those of one
-- page follow each other, and the first follows the page's newest. Returns for each, in order, what has become of it:
--
-- stored   as this version
-- known    its op_id was stored before with the same patch, as this version
-- reused   its op_id was stored or refused before with another patch
-- refused  its op_id was refused before (page_refuse)
-- behind   nothing of its page was stored now: the page's newest version is another one than expected, or a patch of the
--          same page was known or refused
-- gone     the page does not exist, or is deleted
-- full     a storage quota leaves no room for the patches of this page
--
-- Pages are locked in the order of their ids, for no longer than patience_ms (0: as long as a statement may take).
CREATE FUNCTION page_append(
    node text, pages bigint[], versions bigint[], users bigint[], clients text[], op_ids text[], digests bytea[],
    bases bigint[], patches text[], inverses text[], effects text[], patience_ms integer
) RETURNS TABLE (outcome text, version bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    locked bigint[];
    ready bigint[];
    full_ones bigint[];
BEGIN
    PERFORM set_config('lock_timeout', patience_ms::text, true);
    SELECT array_agg(id) INTO locked FROM (
        SELECT id FROM documents WHERE id = ANY (pages) AND kind = 'page' AND deleted_at IS NULL
        ORDER BY id FOR NO KEY UPDATE) l;
    -- Dense, next to the page's newest, and all of it new.
    SELECT array_agg(id) INTO ready FROM (
        SELECT d.id
        FROM documents d JOIN unnest(pages, versions, page_append.op_ids) AS a (page_id, version, op_id) ON a.page_id = d.id
        LEFT JOIN page_ops o ON o.page_id = a.page_id AND o.op_id = a.op_id
        LEFT JOIN page_refusals f ON f.page_id = a.page_id AND f.op_id = a.op_id
        WHERE d.id = ANY (locked)
        GROUP BY d.id
        HAVING min(a.version) = d.last_seq + 1 AND max(a.version) = d.last_seq + count(*)
           AND count(DISTINCT a.version) = count(*) AND count(DISTINCT a.op_id) = count(*)
           AND count(o.page_id) = 0 AND count(f.page_id) = 0) r;
    SELECT storage_charge_documents(array_agg(g.id), array_agg(g.bytes)) INTO full_ones
    FROM (SELECT a.page_id AS id, sum(octet_length(a.patch) + coalesce(octet_length(a.inverse), 0) + coalesce(octet_length(a.effects), 0)) AS bytes
          FROM unnest(pages, patches, inverses, page_append.effects) AS a (page_id, patch, inverse, effects) WHERE a.page_id = ANY (ready) GROUP BY 1) g;
    IF full_ones <> '{}' THEN
        ready := ARRAY(SELECT unnest(ready) EXCEPT SELECT unnest(full_ones));
    END IF;
    INSERT INTO page_ops (page_id, version, op_id, digest, base, user_id, client_id, origin, patch, inverse, effects)
    SELECT a.page_id, a.version, a.op_id, a.digest, a.base, (SELECT id FROM users u WHERE u.id = a.user_id), a.client_id, node,
           a.patch, a.inverse, a.effects
    FROM unnest(pages, versions, users, clients, page_append.op_ids, digests, bases, patches, inverses, page_append.effects)
         AS a (page_id, version, user_id, client_id, op_id, digest, base, patch, inverse, effects)
    WHERE a.page_id = ANY (ready)
    ORDER BY a.page_id, a.version;
    RETURN QUERY
    SELECT CASE WHEN a.page_id = ANY (ready) THEN 'stored'
                WHEN o.digest = a.digest THEN 'known'
                WHEN f.digest IS NULL AND f.op_id IS NOT NULL OR f.digest = a.digest THEN 'refused'
                WHEN o.op_id IS NOT NULL OR f.op_id IS NOT NULL THEN 'reused'
                WHEN a.page_id = ANY (full_ones) THEN 'full'
                WHEN a.page_id = ANY (locked) THEN 'behind'
                ELSE 'gone' END,
           CASE WHEN a.page_id = ANY (ready) THEN a.version ELSE coalesce(o.version, d.last_seq) END
    FROM unnest(pages, versions, page_append.op_ids, digests) WITH ORDINALITY AS a (page_id, version, op_id, digest, place)
    LEFT JOIN documents d ON d.id = a.page_id AND d.id = ANY (locked)
    LEFT JOIN page_ops o ON o.page_id = d.id AND o.op_id = a.op_id
    LEFT JOIN page_refusals f ON f.page_id = d.id AND f.op_id = a.op_id
    ORDER BY a.place;
END
$$;

-- The most ids of refused patches that a user has on a page; older ones go. A connection may send more, and then only the
-- newest are refused for ever.
CREATE FUNCTION page_refusals_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1000';

-- Refuses patches of pages for ever: whoever appends one of them later is told so. hangs_on[i] is the patch without which
-- patch i makes no sense, if that is why it is refused. Returns for each, in order, what has become of it:
--
-- refused  its op_id is refused from now on, or was before, with this code
-- known    its op_id was stored before with the same patch, as this version
-- reused   its op_id was stored or refused before with another patch
-- again    what it hangs on was stored
-- busy     another transaction has locked the page
-- gone     there is no such page
CREATE FUNCTION page_refuse(
    pages bigint[], op_ids text[], digests bytea[], users bigint[], codes text[], hangs_on text[]
) RETURNS TABLE (outcome text, code text, version bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    locked bigint[];
BEGIN
    SELECT array_agg(id) INTO locked FROM (
        SELECT id FROM documents WHERE id = ANY (pages) AND kind = 'page' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) l;
    INSERT INTO page_refusals AS f (page_id, op_id, digest, user_id, code)
    SELECT DISTINCT ON (a.page_id, a.op_id) a.page_id, a.op_id, a.digest, (SELECT id FROM users u WHERE u.id = a.user_id), a.code
    FROM unnest(pages, page_refuse.op_ids, digests, users, codes, hangs_on) WITH ORDINALITY
         AS a (page_id, op_id, digest, user_id, code, hangs_on, place)
    WHERE a.page_id = ANY (locked)
      AND NOT EXISTS (SELECT FROM page_ops o WHERE o.page_id = a.page_id AND o.op_id IN (a.op_id, a.hangs_on))
    ORDER BY a.page_id, a.op_id, a.place
    ON CONFLICT DO NOTHING;
    DELETE FROM page_refusals f USING (SELECT DISTINCT a.page_id, a.user_id FROM unnest(pages, users) AS a (page_id, user_id)) a
    WHERE f.page_id = a.page_id AND f.page_id = ANY (locked) AND f.user_id = a.user_id AND (f.refused_at, f.op_id) < (
        SELECT n.refused_at, n.op_id FROM page_refusals n WHERE n.page_id = a.page_id AND n.user_id = a.user_id
        ORDER BY n.refused_at DESC, n.op_id DESC OFFSET page_refusals_most() - 1 LIMIT 1);
    RETURN QUERY
    SELECT CASE WHEN d.id IS NULL THEN CASE WHEN EXISTS (SELECT FROM documents p WHERE p.id = a.page_id) THEN 'busy' ELSE 'gone' END
                WHEN o.digest = a.digest THEN 'known'
                WHEN o.op_id IS NOT NULL OR f.digest <> a.digest THEN 'reused'
                WHEN f.op_id IS NOT NULL THEN 'refused'
                ELSE 'again' END,
           f.code, o.version
    FROM unnest(pages, page_refuse.op_ids, digests) WITH ORDINALITY AS a (page_id, op_id, digest, place)
    LEFT JOIN documents d ON d.id = a.page_id AND d.id = ANY (locked)
    LEFT JOIN page_ops o ON o.page_id = d.id AND o.op_id = a.op_id
    LEFT JOIN page_refusals f ON f.page_id = d.id AND f.op_id = a.op_id
    ORDER BY a.place;
END
$$;

-- Stores the content of a page at a version as its snapshot, unless there is a newer one; returns whether it did. What
-- servers have found out about patches that came from psql is added to these.
CREATE FUNCTION page_keep_snapshot(
    page bigint, at_version bigint, new_content text, versions bigint[], inverses text[], effects text[]
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM documents WHERE id = page AND kind = 'page' AND last_seq >= at_version FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE page_ops o SET inverse = a.inverse, effects = a.effects
    FROM unnest(versions, inverses, page_keep_snapshot.effects) AS a (version, inverse, effects)
    WHERE o.page_id = page AND o.version = a.version AND o.inverse IS NULL;
    UPDATE page_snapshots SET version = at_version, content = new_content, made_at = now()
    WHERE page_id = page AND version < at_version;
    RETURN FOUND;
END
$$;

-- Deletes up to batch patches of a page that its snapshot includes and that are older than history; returns how many.
CREATE FUNCTION expire_page_ops(page bigint, history interval, batch integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    amount integer;
BEGIN
    PERFORM FROM documents WHERE id = page FOR NO KEY UPDATE;  -- which counts what goes, and comes before it
    DELETE FROM page_ops WHERE (page_id, version) IN (
        SELECT o.page_id, o.version FROM page_ops o JOIN page_snapshots s USING (page_id)
        WHERE o.page_id = page AND o.version <= s.version AND o.created_at < (SELECT steady_now()) - history
        ORDER BY o.version LIMIT batch);
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN amount;
END
$$;
