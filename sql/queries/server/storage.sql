-- name: storage_of_workspace(workspace, user)
-- What is stored in a workspace and what may be; the user's own share of all workspaces beside it.
SELECT storage_json(:workspace, :user)::text;

-- name: storage_quotas_set(workspace_bytes, user_bytes)
-- What app.yaml allows; 0: any amount.
SELECT set_storage_quotas(:workspace_bytes, :user_bytes);

-- name: storage_by_kind()
-- All that is stored, by kind.
SELECT kind, sum(bytes)::bigint AS bytes FROM storage_usage GROUP BY kind;

-- name: documents_without_room(documents)
-- Of these documents, those in which nothing more is stored, since a quota is used up.
SELECT documents_without_room(:documents) AS document_id;
