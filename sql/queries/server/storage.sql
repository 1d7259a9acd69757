-- name: storage_of_workspace(workspace, user)
-- The storage usage and quota of a workspace, and the user's own share in all workspaces.
SELECT storage_json(:workspace, :user)::text;

-- name: storage_quotas_set(workspace_bytes, user_bytes)
-- The quotas of app.yaml; 0 means no quota.
SELECT set_storage_quotas(:workspace_bytes, :user_bytes);

-- name: storage_by_kind()
-- All that is stored, by kind.
SELECT kind, sum(bytes)::bigint AS bytes FROM storage_usage GROUP BY kind;

-- name: documents_without_room(documents)
-- Those of these documents in which nothing more can be stored, since a quota is used up.
SELECT documents_without_room(:documents) AS document_id;
