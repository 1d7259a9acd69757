-- Exporting a workspace as an archive.

-- Begins an export, in the audit log too. What is private leaves only where the workspace may export cases at all, which an
-- operator says (ops.let_export_cases), since it is the same: other people's words, without their knowing.
CREATE FUNCTION export_begin(workspace bigint, private boolean, format text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF private AND NOT EXISTS (SELECT FROM workspaces WHERE id = workspace AND may_export_cases) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'private_chats_are_exported',
            MESSAGE = format('workspace %s does not export private chats', workspace);
    END IF;
    PERFORM audit('workspace_exported', workspace_id => workspace, target_type => 'workspace', target_id => workspace,
                  after => jsonb_build_object('private', private, 'format', format));
END
$$;

-- The chats that an export has.
CREATE FUNCTION export_chats(workspace bigint, private boolean) RETURNS SETOF chats LANGUAGE sql STABLE AS $$
    SELECT * FROM chats WHERE workspace_id = workspace AND (private OR type = 'PublicChannel')
$$;

-- The people whom it names: members, and those who wrote or did something in its chats.
CREATE FUNCTION export_people(workspace bigint, private boolean) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    WITH inside AS MATERIALIZED (SELECT id FROM export_chats(workspace, private))
    SELECT user_id FROM workspace_members WHERE workspace_id = workspace
    UNION SELECT user_id FROM chat_members WHERE chat_id IN (TABLE inside)
    UNION SELECT sender_id FROM messages WHERE chat_id IN (TABLE inside)
    UNION SELECT deleted_by FROM messages WHERE chat_id IN (TABLE inside) AND deleted_by IS NOT NULL
    UNION SELECT r.user_id FROM message_reactions r JOIN messages m ON m.id = r.message_id WHERE m.chat_id IN (TABLE inside)
    UNION SELECT pinned_by FROM message_pins WHERE chat_id IN (TABLE inside)
$$;

-- The files that it has: those of its messages, and pictures of its people and emoji.
CREATE FUNCTION export_files(workspace bigint, private boolean) RETURNS SETOF files LANGUAGE sql STABLE AS $$
    SELECT * FROM files WHERE state <> 'refused' AND id IN (
        SELECT file_id FROM file_uses
        WHERE chat_id IN (SELECT id FROM export_chats(workspace, private)) OR (workspace_id = workspace AND emoji IS NOT NULL)
           OR user_id IN (SELECT export_people(workspace, private)))
$$;
