-- name: document_open(kind, user_id, session_id, document_id)
-- Whether a user may open a document, in one snapshot: the position of the log, the end of the session (null if
-- invalid; seconds since 1970), the role in the document (null without one, or if it is deleted, of another kind, or
-- in another workspace than the one to which the session's token is bound), the user's name, and the number of this
-- opening.
SELECT log_head() AS head, next_document_opening() AS opening,
       (SELECT extract(epoch FROM sessions.expires_at)::float8 FROM sessions JOIN users ON users.id = sessions.user_id
        WHERE sessions.id = :session_id AND users.id = :user_id AND users.status = 'active'
          AND sessions.revoked_at IS NULL AND sessions.expires_at > now()) AS good_until,
       (SELECT role FROM document_members JOIN documents ON documents.id = document_id
        WHERE document_id = :document_id AND user_id = :user_id AND documents.kind = :kind AND deleted_at IS NULL
           AND documents.workspace_id = coalesce((SELECT s.workspace_id FROM sessions s WHERE s.id = :session_id), documents.workspace_id)) AS role,
       (SELECT fullname FROM users WHERE id = :user_id) AS fullname;

-- name: document_opening()
-- The number of an opening by itself: higher than all before it.
SELECT next_document_opening();
