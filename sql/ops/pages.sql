-- Pages: who edited them and when, their snapshots, and what they have published.

CREATE VIEW ops.pages AS
SELECT d.id, d.name, d.workspace_id AS workspace, d.member_count AS members, p.schema, p.is_template AS template, d.deleted_at,
       d.last_seq AS version, s.version AS snapshot_version, octet_length(s.content) AS snapshot_bytes, s.made_at AS snapshot_at,
       (SELECT max(created_at) FROM public.page_ops o WHERE o.page_id = d.id AND o.version = d.last_seq) AS edited_at,
       (SELECT count(*) FROM public.page_comments c WHERE c.page_id = d.id AND c.reply_to IS NULL AND c.resolved_at IS NULL) AS open_comments,
       (SELECT '/p/' || slug || CASE audience WHEN 'members' THEN ' (members)' ELSE '' END
        FROM public.page_publications c WHERE c.page_id = d.id) AS published
FROM public.documents d JOIN public.pages p ON p.page_id = d.id JOIN public.page_snapshots s ON s.page_id = d.id
ORDER BY d.id;
COMMENT ON VIEW ops.pages IS 'Every page: its newest version and when that was made, the version that its snapshot has, its open threads of comments, and where it is published.';

CREATE VIEW ops.page_edits AS
SELECT o.page_id AS page, o.version, o.created_at AS at, coalesce(users.email, 'user ' || o.user_id) AS by, o.op_id,
       octet_length(o.patch) AS bytes, o.origin AS node
FROM public.page_ops o LEFT JOIN public.users ON users.id = o.user_id
ORDER BY o.page_id, o.version DESC;
COMMENT ON VIEW ops.page_edits IS 'Every patch of a page, newest first: by whom, when and its size. Kept for pages.history_days once it is in a snapshot.';
