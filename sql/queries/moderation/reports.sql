-- name: report_file(message, chat, reporter, reason, comment)
-- A new report; no row if there is no such message in the chat, or this user has reported it already.
INSERT INTO reports (message_id, reporter_id, reason, comment)
SELECT id, :reporter, :reason, :comment FROM messages WHERE id = :message AND chat_id = :chat
ON CONFLICT ON CONSTRAINT reports_reporter_message_key DO NOTHING
RETURNING own_report_json(reports)::text;

-- name: report_of(message, chat, reporter)
-- A user's earlier report, as they see it.
SELECT own_report_json(reports)::text FROM reports
WHERE message_id = :message AND chat_id = :chat AND reporter_id = :reporter;

-- name: reports_of_workspace(workspace, status, before, limit)
-- A page of a workspace's reports, newest first: all, or of one status.
WITH page AS (
    SELECT id, report_json(reports) AS item FROM reports
    WHERE workspace_id = :workspace AND (:status::text IS NULL OR status = :status) AND (:before::bigint IS NULL OR id < :before)
    ORDER BY id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: report_by_id(report, workspace)
-- One report, with the reported message.
SELECT report_json(reports)::text FROM reports WHERE id = :report AND workspace_id = :workspace;

-- name: report_handle(report, workspace, status, note)
-- Null leaves a field as it is.
UPDATE reports SET status = coalesce(:status, status), note = coalesce(:note, note)
WHERE id = :report AND workspace_id = :workspace RETURNING report_json(reports)::text;
