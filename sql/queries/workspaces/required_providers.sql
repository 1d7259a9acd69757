-- name: required_provider_of_workspace(workspace)
-- The provider by which alone its members sign in; null if by any.
SELECT required_provider_json(r)::text FROM required_providers r WHERE workspace_id = :workspace;

-- name: provider_require(workspace, provider, break_glass_owner)
-- Requires it from now on: other sessions of the members end, but for those of the break-glass owner.
INSERT INTO required_providers (workspace_id, provider, break_glass_owner) VALUES (:workspace, :provider, :break_glass_owner)
ON CONFLICT (workspace_id) DO UPDATE SET provider = excluded.provider, break_glass_owner = excluded.break_glass_owner
RETURNING required_provider_json(required_providers)::text;

-- name: provider_require_no_more(workspace)
-- Members sign in as they like.
DELETE FROM required_providers WHERE workspace_id = :workspace;
