-- name: required_second_factor_of_workspace(workspace)
-- The demand that its members have a second factor; null if there is none.
SELECT required_second_factor_json(r)::text FROM required_second_factors r WHERE workspace_id = :workspace;

-- name: second_factor_require(workspace)
-- Demands it from now on: sessions of members that have shown none end.
INSERT INTO required_second_factors AS r (workspace_id) VALUES (:workspace)
ON CONFLICT (workspace_id) DO UPDATE SET required_at = r.required_at
RETURNING required_second_factor_json(r)::text;

-- name: second_factor_require_no_more(workspace)
-- Members need none.
DELETE FROM required_second_factors WHERE workspace_id = :workspace;
