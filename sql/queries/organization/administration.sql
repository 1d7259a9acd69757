-- name: sessions_of_organization(organization, user, after, limit)
-- A page of the open sessions of people whose accounts the organisation keeps, of one of them or of all, by id.
WITH page AS (
    SELECT s.id, with_fields(session_json(s), json_build_object('user_id', s.user_id)) AS item
    FROM sessions s JOIN organization_members m ON m.user_id = s.user_id AND m.organization_id = :organization
    WHERE s.provider NOT IN ('token', 'app') AND s.revoked_at IS NULL AND s.expires_at > now() AND s.id > :after
      AND (:user::bigint IS NULL OR s.user_id = :user) AND keeps_account(:organization, s.user_id)
    ORDER BY s.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: organization_keeps_accounts(organization)
-- Whether an operator lets the organisation look after its members' accounts.
SELECT keeps_accounts FROM organizations WHERE id = :organization;

-- name: session_of_kept_account(organization, target)
-- Whose session it is, if the organisation keeps the account.
SELECT user_id FROM sessions WHERE id = :target AND revoked_at IS NULL AND expires_at > now() AND keeps_account(:organization, user_id);

-- name: member_suspend(organization, person, suspended)
-- Suspends a person in the organisation's name, or takes that back.
SELECT suspend_member(:organization, :person, :suspended);

-- name: storage_of_organization(organization, after, limit)
-- A page of its workspaces, by id: how much is stored in each, of what is allowed, and for how many days messages are kept.
WITH page AS (
    SELECT id, row_to_json(shape) AS item FROM workspaces w CROSS JOIN LATERAL (
        SELECT w.id AS workspace_id, w.name, w.retention_days, storage_of_workspace(w.id) AS bytes, storage_allowed_in_workspace(w.id) AS allowed,
               (SELECT json_object_agg(kind, (SELECT coalesce(sum(bytes), 0) FROM storage_usage u WHERE u.workspace_id = w.id AND u.kind = k.kind))
                FROM unnest(ARRAY['boards', 'pages', 'versions', 'thumbnails', 'files', 'uploads']) AS k (kind)) AS kinds) shape
    WHERE organization_id = :organization AND id > :after ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;
