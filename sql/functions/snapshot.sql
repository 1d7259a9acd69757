-- What a snapshot (sql/queries/log/sync.sql) has by the thousand: chats with their messages and members, and documents.
-- Each is one plan, kept by the session, and no function that is called for each row. It uses the indexes whatever the
-- statistics say: a small table of users would otherwise be read as a whole for each member of each chat.

-- The chats of a user, as JSON objects with commas between them, by id. They are in order before anything is built for
-- them, since sorting would copy megabytes.
CREATE FUNCTION snapshot_chats(viewer bigint, within bigint DEFAULT NULL) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT coalesce(string_agg(snapshot, ','), '')
        FROM (SELECT c, m, d FROM chat_members m JOIN chats c ON c.id = m.chat_id
                     LEFT JOIN drafts d ON d.chat_id = m.chat_id AND d.user_id = m.user_id
              WHERE m.user_id = viewer AND (within IS NULL OR c.workspace_id = within) ORDER BY c.id OFFSET 0) mine
        CROSS JOIN LATERAL chat_shared(c, snapshot_bytes()) shared
        CROSS JOIN LATERAL chat_snapshot_text(c, m, shared, CASE WHEN (d).user_id IS NOT NULL THEN draft_json(d) END, (m).role <> 'member') snapshot);
END
$$;

-- The same in a lean snapshot: what a list of chats shows.
CREATE FUNCTION lean_chats(viewer bigint, within bigint DEFAULT NULL) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT coalesce(string_agg(snapshot, ','), '')
        FROM (SELECT c, m, d FROM chat_members m JOIN chats c ON c.id = m.chat_id
                     LEFT JOIN drafts d ON d.chat_id = m.chat_id AND d.user_id = m.user_id
              WHERE m.user_id = viewer AND (within IS NULL OR c.workspace_id = within) ORDER BY c.id OFFSET 0) mine
        CROSS JOIN LATERAL lean_shared(c) shared
        CROSS JOIN LATERAL chat_snapshot_text(c, m, shared, CASE WHEN (d).user_id IS NOT NULL THEN draft_json(d) END, false) snapshot);
END
$$;

-- A user's documents of a kind that are not deleted; lean ones without members, invites and versions.
CREATE FUNCTION snapshot_documents(viewer bigint, kind text, lean boolean, within bigint DEFAULT NULL) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT coalesce(string_agg(snapshot::text, ','), '')
        FROM (SELECT d, m FROM document_members m JOIN documents d ON d.id = m.document_id
              WHERE m.user_id = viewer AND m.kind = snapshot_documents.kind AND d.deleted_at IS NULL
                AND (within IS NULL OR d.workspace_id = within)
              ORDER BY d.id OFFSET 0) mine
        CROSS JOIN LATERAL document_snapshot_json(d, m, lean) snapshot);
END
$$;
