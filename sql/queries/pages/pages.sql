-- name: page_create(user, workspace, name, schema, content, is_template)
-- A new page, owned by the user. A null content is that of an empty page.
SELECT create_page(:user, :workspace, :name, :schema, :content, :is_template)::text;

-- name: page_load(page)
-- All of a page in one moment: its newest version and the id of the patch that made it, unless that is not kept, its
-- snapshot, and the patches since, in order; no row if there is no such page, or it is deleted.
SELECT d.last_seq AS version, (SELECT op_id FROM page_ops WHERE page_id = d.id AND version = d.last_seq) AS newest,
       p.schema, s.version AS snapshot_version, s.content, o.*
FROM documents d JOIN pages p ON p.page_id = d.id JOIN page_snapshots s ON s.page_id = d.id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(version ORDER BY version), '{}') AS versions,
           coalesce(array_agg(op_id ORDER BY version), '{}') AS op_ids,
           coalesce(array_agg(digest ORDER BY version), '{}') AS digests,
           coalesce(array_agg(base ORDER BY version), '{}') AS bases,
           coalesce(array_agg(user_id ORDER BY version), '{}') AS users,
           coalesce(array_agg(client_id ORDER BY version), '{}') AS clients,
           coalesce(array_agg(patch ORDER BY version), '{}') AS patches,
           coalesce(array_agg(inverse ORDER BY version), '{}') AS inverses,
           coalesce(array_agg(effects ORDER BY version), '{}') AS effects
    FROM page_ops WHERE page_id = d.id AND version > s.version
) o
WHERE d.id = :page AND d.kind = 'page' AND d.deleted_at IS NULL;

-- name: page_ops_between(page, after, upto)
-- The patches that made a page's versions after the first and up to the second, in order, as far as they are kept.
SELECT version, op_id, digest, base, user_id, client_id, patch, inverse, effects, created_at FROM page_ops
WHERE page_id = :page AND version > :after AND version <= :upto ORDER BY version LIMIT 10000;

-- name: page_ops_missed(page, after, upto, most_bytes)
-- The same without what takes them back: of the newest ones as many as have no more bytes than that together.
SELECT version, op_id, digest, base, user_id, client_id, patch, effects FROM (
    SELECT o.*, sum(octet_length(patch) + coalesce(octet_length(effects), 0)) OVER (ORDER BY version DESC) AS bytes
    FROM (SELECT * FROM page_ops WHERE page_id = :page AND version > :after AND version <= :upto
          ORDER BY version DESC LIMIT 10000) o
) o WHERE bytes <= :most_bytes ORDER BY version;

-- name: pages_after(pages, versions)
-- The patches of pages after a version of each.
SELECT o.page_id, o.version, o.op_id, o.digest, o.base, o.user_id, o.client_id, o.patch, o.inverse, o.effects
FROM unnest(:pages::bigint[], :versions::bigint[]) AS asked (page_id, version)
JOIN page_ops o ON o.page_id = asked.page_id AND o.version > asked.version
ORDER BY o.page_id, o.version LIMIT 1000;

-- name: pages_lost(pages, versions, op_ids)
-- The pages of which such a patch is not there, or did not make this version. One before those that are kept has become
-- history.
SELECT DISTINCT gone.page_id AS document_id
FROM (
    SELECT asked.page_id, asked.version
    FROM unnest(:pages::bigint[], :versions::bigint[], :op_ids::text[]) AS asked (page_id, version, op_id)
    WHERE NOT EXISTS (SELECT FROM page_ops o
                      WHERE o.page_id = asked.page_id AND o.version = asked.version AND o.op_id = asked.op_id)
    OFFSET 0
) gone
WHERE NOT EXISTS (SELECT FROM page_snapshots s WHERE s.page_id = gone.page_id AND s.version >= gone.version)
   OR EXISTS (SELECT FROM page_ops o WHERE o.page_id = gone.page_id AND o.version <= gone.version);

-- name: page_ops_by_id(page, op_ids)
-- Which of these patches are stored, and as which versions.
SELECT op_id, version, digest FROM page_ops WHERE page_id = :page AND op_id = ANY (:op_ids);

-- name: page_floor(page)
-- The oldest version from which every later patch is kept: that of a page without any is its newest.
SELECT coalesce((SELECT min(version) - 1 FROM page_ops WHERE page_id = :page),
                (SELECT last_seq FROM documents WHERE id = :page AND kind = 'page')) AS floor;

-- name: page_append(node, pages, versions, users, clients, op_ids, digests, bases, patches, inverses, effects, patience_ms)
-- Appends patches, which makes them durable; what has become of each, and as which version.
SELECT outcome, version FROM page_append(
    :node, :pages, :versions, :users, :clients, :op_ids, :digests, :bases, :patches, :inverses, :effects, :patience_ms);

-- name: page_refuse(pages, op_ids, digests, users, codes, hangs_on)
-- Refuses patches for ever, which makes the refusals durable; what has become of each.
SELECT outcome, code, version FROM page_refuse(:pages, :op_ids, :digests, :users, :codes, :hangs_on);

-- name: page_keep_snapshot(page, version, content, versions, inverses, effects)
-- Stores a snapshot unless there is a newer one, and what applying patches from psql has shown; whether it did.
SELECT page_keep_snapshot(:page, :version, :content, :versions, :inverses, :effects);
