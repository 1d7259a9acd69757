-- name: act_as(actor, address)
-- Sets the acting user, and the address, for the rest of the transaction.
SELECT set_config('fechatter.actor', :actor, true), set_config('fechatter.address', :address, true);

-- name: audit_of_workspace(workspace, action, actor, since, until, before, limit)
-- A page of the workspace's audit log, newest first; null parameters do not filter.
WITH page AS (
    SELECT id, audit_json(audit_log) AS item FROM audit_log
    WHERE workspace_id = :workspace AND (:before::bigint IS NULL OR id < :before)
      AND (:action::text IS NULL OR action = :action) AND (:actor::bigint IS NULL OR actor_id = :actor)
      AND (:since::timestamptz IS NULL OR at >= :since) AND (:until::timestamptz IS NULL OR at < :until)
    ORDER BY id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: audit_of_organization(organization, action, actor, since, until, before, limit)
-- The same of an organisation: its people, directory and features, and which workspaces it has.
WITH page AS (
    SELECT id, audit_json(audit_log) AS item FROM audit_log
    WHERE organization_id = :organization AND (:before::bigint IS NULL OR id < :before)
      AND (:action::text IS NULL OR action = :action) AND (:actor::bigint IS NULL OR actor_id = :actor)
      AND (:since::timestamptz IS NULL OR at >= :since) AND (:until::timestamptz IS NULL OR at < :until)
    ORDER BY id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;
