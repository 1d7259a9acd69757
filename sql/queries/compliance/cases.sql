-- name: case_ask(workspace, hold, reason, user)
-- Asks for an export of what a hold covers.
INSERT INTO cases (workspace_id, hold_id, reason, asked_by) VALUES (:workspace, :hold, :reason, :user) RETURNING case_json(cases)::text;

-- name: cases_of_workspace(workspace, before, limit)
-- A page of a workspace's cases, newest first.
WITH page AS (
    SELECT id, case_json(cases) AS item FROM cases
    WHERE workspace_id = :workspace AND (:before::bigint IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: case_by_id(workspace, case)
-- One case, and who asked for it.
SELECT asked_by, case_json(cases)::text AS json FROM cases WHERE id = :case AND workspace_id = :workspace;

-- name: case_decide(workspace, case, user, approved)
-- Approves a case, or declines it.
UPDATE cases SET decided_by = :user, approved = :approved WHERE id = :case AND workspace_id = :workspace RETURNING case_json(cases)::text;

-- name: case_export_begin(case)
-- What the first line of an export says. The audit log has from then on that it was begun.
SELECT begin_case_export(:case)::text;

-- name: case_export_next(case, part, place, seq, limit)
-- The next rows of an export, after the place of the last one.
SELECT part, place, seq, record::text AS record FROM case_records(:case, :part, :place, :seq, :limit);

-- name: case_export_end(case, records, sha256)
-- An export is complete.
SELECT end_case_export(:case, :records, :sha256);
