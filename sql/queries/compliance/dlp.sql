-- name: dlp_rules_of_workspace(workspace)
-- All rules of a workspace, of which there are few, by id.
SELECT coalesce(json_agg(dlp_rule_json(r) ORDER BY r.id), '[]')::text FROM dlp_rules r WHERE workspace_id = :workspace;

-- name: dlp_rule_add(workspace, name, kind, words, pattern, action, enabled, user)
-- Adds a rule; what is said from now on is judged by it.
INSERT INTO dlp_rules (workspace_id, name, kind, words, pattern, action, enabled, created_by)
VALUES (:workspace, :name, :kind, :words, :pattern, :action, :enabled, :user) RETURNING dlp_rule_json(dlp_rules)::text;

-- name: dlp_rule_change(workspace, rule, name, words, pattern, action, enabled)
-- Null leaves a field as it is.
UPDATE dlp_rules SET name = coalesce(:name, name), words = coalesce(:words, words), pattern = coalesce(:pattern, pattern),
                     action = coalesce(:action, action), enabled = coalesce(:enabled, enabled)
WHERE id = :rule AND workspace_id = :workspace RETURNING dlp_rule_json(dlp_rules)::text;

-- name: dlp_rule_remove(workspace, rule)
-- Removes a rule. What it has held stays held.
DELETE FROM dlp_rules WHERE id = :rule AND workspace_id = :workspace;

-- name: message_hold_blocked(chat, user, content, extra)
-- Holds what a rule has blocked, for review.
SELECT hold_blocked(:chat, :user, :content, :extra::jsonb);

-- name: edit_blocked_audit(message, content, metadata)
-- Says in the audit log that a rule has blocked an edit.
SELECT audit_blocked_edit(:message, :content, :metadata::jsonb);

-- name: held_messages_of_workspace(workspace, status, before, limit)
-- A page of what rules have held or flagged, newest first: all, or of one status.
WITH page AS (
    SELECT id, held_message_json(held_messages) AS item FROM held_messages
    WHERE workspace_id = :workspace AND (:status::text IS NULL OR status = :status) AND (:before::bigint IS NULL OR id < :before)
    ORDER BY id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: review_end(workspace, held, outcome)
-- Ends a review: what was blocked is posted, or it is not.
SELECT end_review(:held, :workspace, :outcome)::text;
