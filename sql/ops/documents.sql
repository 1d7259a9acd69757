-- Documents of every kind: their owners and size.

CREATE VIEW ops.documents AS
SELECT d.id, d.kind, d.name, d.workspace_id AS workspace, d.member_count AS members,
       (SELECT string_agg(users.email, ', ' ORDER BY users.id) FROM public.document_members m JOIN public.users ON users.id = m.user_id
        WHERE m.document_id = d.id AND m.role = 'owner') AS owners,
       (SELECT count(*) FROM public.document_versions v WHERE v.document_id = d.id) AS versions,
       d.last_seq AS edits, pg_size_pretty(d.stored_bytes) AS stored, d.created_at, d.deleted_at
FROM public.documents d
ORDER BY d.id;
COMMENT ON VIEW ops.documents IS 'Every document (a board), including deleted ones: its owners, its number of edits, and its stored bytes. ops.boards has more about boards.';
