-- name: snapshot(user, lean, workspace)
-- Everything that the user may see, and the cursor to resume from: one statement, so one moment, which its functions
-- share since they are STABLE. Chats, boards and pages are separate columns, since within one value their megabytes would be
-- copied repeatedly; each is JSON objects with commas between them. Lean: their lists are shortened to what an overview
-- shows. With a workspace: what is in it alone.
SELECT row_to_json(own)::text AS own, CASE WHEN :lean THEN lean_chats(:user, :workspace) ELSE snapshot_chats(:user, :workspace) END AS chats,
       threads::text AS threads, snapshot_documents(:user, 'board', :lean, :workspace) AS boards,
       snapshot_documents(:user, 'page', :lean, :workspace) AS pages
FROM (
    SELECT log_cursor() AS cursor, user_json(users) AS "user", presence_mode,
           (SELECT coalesce(array_to_json(array_agg(workspace_json(w, m.role) ORDER BY w.id)), '[]')
            FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
            WHERE m.user_id = :user AND (:workspace::bigint IS NULL OR w.id = :workspace)) AS workspaces,
           (SELECT coalesce(array_to_json(array_agg(emoji_json(e) ORDER BY e.workspace_id, e.name)), '[]')
            FROM workspace_members m JOIN custom_emoji e USING (workspace_id)
            WHERE m.user_id = :user AND (:workspace::bigint IS NULL OR m.workspace_id = :workspace)) AS emoji,
           (SELECT coalesce(array_to_json(array_agg(own_organization_json(o, m) ORDER BY o.id)), '[]')
            FROM organization_members m JOIN organizations o ON o.id = m.organization_id
            WHERE m.user_id = :user AND :workspace::bigint IS NULL) AS organizations,
           CASE WHEN :workspace::bigint IS NULL THEN announcements_of(:user) ELSE '[]' END AS announcements,
           (SELECT coalesce(array_to_json(array_agg(workspace_invitation_json(i) ORDER BY i.created_at DESC, i.workspace_id DESC)), '[]')
            FROM (SELECT * FROM workspace_invitations WHERE user_id = :user AND :workspace::bigint IS NULL
                  ORDER BY created_at DESC, workspace_id DESC LIMIT snapshot_invitations()) i) AS invitations,
           (SELECT coalesce(array_to_json(array_agg(report_event_json(r) ORDER BY r.id DESC)), '[]')
            FROM workspace_members m CROSS JOIN LATERAL open_reports(m.workspace_id) r
            WHERE m.user_id = :user AND m.role <> 'member'
              AND (:workspace::bigint IS NULL OR m.workspace_id = :workspace)) AS reports,
           CASE WHEN :workspace::bigint IS NULL THEN delegations_of(:user) ELSE '[]' END AS delegations,
           (SELECT coalesce(array_to_json(array_agg(thread_draft_json(d) ORDER BY d.thread_id)), '[]')
            FROM thread_drafts d JOIN chats c ON c.id = d.chat_id
            WHERE d.user_id = :user AND (:workspace::bigint IS NULL OR c.workspace_id = :workspace)) AS thread_drafts
    FROM users WHERE id = :user
) own CROSS JOIN (
    SELECT coalesce(array_to_json(array_agg(followed_thread_json(f, root) ORDER BY activity DESC)), '[]') AS threads
    FROM (SELECT f, root, thread_activity(root) AS activity
          FROM thread_followers f JOIN messages root ON root.id = f.thread_id
          WHERE f.user_id = :user
            AND (:workspace::bigint IS NULL OR :workspace = (SELECT workspace_id FROM chats WHERE id = root.chat_id))
          ORDER BY activity DESC LIMIT snapshot_threads()) newest
) followed;
