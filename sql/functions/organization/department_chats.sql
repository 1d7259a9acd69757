-- Chats whose members follow departments.

CREATE FUNCTION department_chat_json(f department_chats) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT f.chat_id, f.department_id, f.with_below, f.created_at) shape
$$;

-- The chats that follow one of these departments, or one above it.
CREATE FUNCTION chats_of_departments(departments bigint[]) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT f.chat_id), '{}') FROM department_tree t JOIN department_chats f ON f.department_id = t.ancestor_id
    WHERE t.department_id = ANY (departments)
$$;

-- Makes the members of these chats those of their departments again, of all people or of these: who is there by now, is in
-- the chat's workspace and is not banned joins; whoever came by the department alone and is not there any more leaves,
-- unless they own the chat by now. Nobody joins while the feature is off, or an archived chat. The chats are locked first,
-- so that of two changes the later one sees what the other one has done.
CREATE FUNCTION settle_department_chats(chats bigint[], people bigint[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF chats = '{}' THEN
        RETURN;
    END IF;
    PERFORM FROM chats c WHERE c.id = ANY (chats) ORDER BY c.id FOR NO KEY UPDATE;
    DELETE FROM chat_members m
    WHERE m.chat_id = ANY (chats) AND m.by_department AND m.role <> 'owner' AND (people IS NULL OR m.user_id = ANY (people))
      AND NOT EXISTS (
          SELECT FROM department_chats f JOIN department_tree t ON t.ancestor_id = f.department_id AND (f.with_below OR t.depth = 0)
          JOIN appointments a ON a.department_id = t.department_id
          WHERE f.chat_id = m.chat_id AND a.user_id = m.user_id AND a.is_current);
    INSERT INTO chat_members (chat_id, user_id, by_department)
    SELECT DISTINCT f.chat_id, a.user_id, true
    FROM department_chats f JOIN chats c ON c.id = f.chat_id JOIN workspaces w ON w.id = c.workspace_id
    JOIN department_tree t ON t.ancestor_id = f.department_id AND (f.with_below OR t.depth = 0)
    JOIN appointments a ON a.department_id = t.department_id AND a.is_current AND a.organization_id = w.organization_id
    JOIN workspace_members home ON home.workspace_id = c.workspace_id AND home.user_id = a.user_id
    WHERE f.chat_id = ANY (chats) AND (people IS NULL OR a.user_id = ANY (people))
      AND c.archived_at IS NULL AND feature_enabled('enable_organizations', w.organization_id)
      AND NOT EXISTS (SELECT FROM chat_bans b WHERE b.chat_id = f.chat_id AND b.user_id = a.user_id AND (b.expires_at > now()) IS NOT FALSE)
      AND NOT EXISTS (SELECT FROM chat_members m WHERE m.chat_id = f.chat_id AND m.user_id = a.user_id)
    ORDER BY f.chat_id, a.user_id;
END
$$;
