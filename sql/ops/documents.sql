-- Documents, of every kind: whose they are, and what they take.

CREATE VIEW ops.documents AS
SELECT d.id, d.kind, d.name, d.workspace_id AS workspace, d.member_count AS members,
       (SELECT string_agg(users.email, ', ' ORDER BY users.id) FROM public.document_members m JOIN public.users ON users.id = m.user_id
        WHERE m.document_id = d.id AND m.role = 'owner') AS owners,
       (SELECT count(*) FROM public.document_versions v WHERE v.document_id = d.id) AS versions,
       d.last_seq AS edits, pg_size_pretty(d.stored_bytes) AS stored, d.created_at, d.deleted_at
FROM public.documents d
ORDER BY d.id;
COMMENT ON VIEW ops.documents IS 'Every document (a board), deleted ones too: its owners, how often it was edited, and what is stored of it. Boards have more in ops.boards.';
