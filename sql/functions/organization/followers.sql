-- Chats and documents whose members follow departments and roles.

CREATE FUNCTION department_chat_json(f department_chats) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT f.chat_id, f.department_id, f.with_below, f.created_at) shape
$$;

-- The chats that follow one of these departments, or one above it, and those whose members a role makes of their people.
CREATE FUNCTION chats_of_departments(departments bigint[]) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT chat_id), '{}') FROM (
        SELECT f.chat_id FROM department_tree t JOIN department_chats f ON f.department_id = t.ancestor_id
        WHERE t.department_id = ANY (departments)
        UNION ALL
        SELECT b.chat_id FROM department_tree t JOIN role_bindings b ON b.department_id = t.ancestor_id
        WHERE t.department_id = ANY (departments) AND b.chat_id IS NOT NULL) following
$$;

-- The documents whose members a role makes of these departments' people.
CREATE FUNCTION documents_of_departments(departments bigint[]) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT b.document_id), '{}') FROM department_tree t JOIN role_bindings b ON b.department_id = t.ancestor_id
    WHERE t.department_id = ANY (departments) AND b.document_id IS NOT NULL
$$;

-- Who is to be in these chats: by departments that they follow, by roles that are bound to them and in force.
CREATE FUNCTION followers_of_chats(chats bigint[], people bigint[] DEFAULT NULL)
RETURNS TABLE (chat_id bigint, user_id bigint, by_department boolean, by_role boolean) LANGUAGE sql STABLE AS $$
    SELECT chat_id, user_id, bool_or(NOT by_role), bool_or(by_role) FROM (
        SELECT f.chat_id, a.user_id, false AS by_role
        FROM department_chats f JOIN department_tree t ON t.ancestor_id = f.department_id AND (f.with_below OR t.depth = 0)
        JOIN appointments a ON a.department_id = t.department_id AND a.is_current
        WHERE f.chat_id = ANY (chats) AND (people IS NULL OR a.user_id = ANY (people))
        UNION ALL
        SELECT b.chat_id, person, true FROM role_bindings b JOIN roles r ON r.id = b.role_id CROSS JOIN LATERAL people_of_binding(b) AS person
        WHERE b.chat_id = ANY (chats) AND 'chat.read_messages' = ANY (r.permissions) AND (b.ends_at > now()) IS NOT FALSE
          AND (people IS NULL OR person = ANY (people)) AND feature_enabled('enable_user_roles', b.organization_id)) reasons
    GROUP BY chat_id, user_id
$$;

-- Makes the members of these chats those of their departments and roles again, of all people or of these: who is to be there by
-- now, is in the chat's workspace and is not banned joins; whoever came by these alone and is not to be there any more
-- leaves, unless they own the chat by now. By a department nobody joins while organisations are off, and nobody joins an
-- archived chat. The chats are locked first, so that of two changes the later one sees what the other one has done.
CREATE FUNCTION settle_chats(chats bigint[], people bigint[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF chats = '{}' THEN
        RETURN;
    END IF;
    PERFORM FROM chats c WHERE c.id = ANY (chats) ORDER BY c.id FOR NO KEY UPDATE;
    WITH f AS MATERIALIZED (SELECT * FROM followers_of_chats(chats, people))
    DELETE FROM chat_members m
    WHERE m.chat_id = ANY (chats) AND (m.by_department OR m.by_role) AND m.role <> 'owner' AND (people IS NULL OR m.user_id = ANY (people))
      AND (m.chat_id, m.user_id) NOT IN (SELECT f.chat_id, f.user_id FROM f);
    WITH f AS MATERIALIZED (SELECT * FROM followers_of_chats(chats, people))
    UPDATE chat_members m SET by_department = f.by_department, by_role = f.by_role
    FROM f
    WHERE m.chat_id = f.chat_id AND m.user_id = f.user_id AND (m.by_department OR m.by_role)
      AND (m.by_department, m.by_role) <> (f.by_department, f.by_role);
    WITH f AS MATERIALIZED (SELECT * FROM followers_of_chats(chats, people))
    INSERT INTO chat_members (chat_id, user_id, by_department, by_role)
    SELECT f.chat_id, f.user_id, f.by_department, f.by_role
    FROM f JOIN chats c ON c.id = f.chat_id JOIN workspaces w ON w.id = c.workspace_id
    JOIN organization_members o ON o.organization_id = w.organization_id AND o.user_id = f.user_id
    JOIN workspace_members home ON home.workspace_id = c.workspace_id AND home.user_id = f.user_id
    WHERE c.archived_at IS NULL AND (f.by_role OR feature_enabled('enable_organizations', w.organization_id))
      AND NOT EXISTS (SELECT FROM chat_bans b WHERE b.chat_id = f.chat_id AND b.user_id = f.user_id AND (b.expires_at > now()) IS NOT FALSE)
      AND NOT EXISTS (SELECT FROM chat_members m WHERE m.chat_id = f.chat_id AND m.user_id = f.user_id)
    ORDER BY f.chat_id, f.user_id;
END
$$;

-- Who is to be in these documents by roles that are bound to them and in force, and as what.
CREATE FUNCTION followers_of_documents(documents bigint[], people bigint[] DEFAULT NULL)
RETURNS TABLE (document_id bigint, user_id bigint, role text) LANGUAGE sql STABLE AS $$
    SELECT b.document_id, person, CASE WHEN bool_or('document.edit' = ANY (r.permissions)) THEN 'editor' ELSE 'viewer' END
    FROM role_bindings b JOIN roles r ON r.id = b.role_id CROSS JOIN LATERAL people_of_binding(b) AS person
    WHERE b.document_id = ANY (documents) AND r.permissions && '{document.see,document.edit}' AND (b.ends_at > now()) IS NOT FALSE
      AND (people IS NULL OR person = ANY (people)) AND feature_enabled('enable_user_roles', b.organization_id)
    GROUP BY b.document_id, person
$$;

-- The same for documents, which follow roles alone. Whoever came by a role is an editor or a viewer as the roles say, unless
-- they own the document by now.
CREATE FUNCTION settle_documents(documents bigint[], people bigint[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF documents = '{}' THEN
        RETURN;
    END IF;
    PERFORM FROM documents d WHERE d.id = ANY (documents) ORDER BY d.id FOR NO KEY UPDATE;
    WITH f AS MATERIALIZED (SELECT * FROM followers_of_documents(documents, people))
    DELETE FROM document_members m
    WHERE m.document_id = ANY (documents) AND m.by_role AND m.role <> 'owner' AND (people IS NULL OR m.user_id = ANY (people))
      AND (m.document_id, m.user_id) NOT IN (SELECT f.document_id, f.user_id FROM f);
    WITH f AS MATERIALIZED (SELECT * FROM followers_of_documents(documents, people))
    UPDATE document_members m SET role = f.role FROM f
    WHERE m.document_id = f.document_id AND m.user_id = f.user_id AND m.by_role AND m.role NOT IN ('owner', f.role);
    WITH f AS MATERIALIZED (SELECT * FROM followers_of_documents(documents, people))
    INSERT INTO document_members (document_id, user_id, role, by_role)
    SELECT f.document_id, f.user_id, f.role, true
    FROM f JOIN documents d ON d.id = f.document_id
    JOIN workspace_members home ON home.workspace_id = d.workspace_id AND home.user_id = f.user_id
    WHERE d.deleted_at IS NULL AND NOT EXISTS (SELECT FROM document_members m WHERE m.document_id = f.document_id AND m.user_id = f.user_id)
    ORDER BY f.document_id, f.user_id;
END
$$;

-- What follows these departments, for these people.
CREATE FUNCTION settle_departments(departments bigint[], people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM settle_chats(chats_of_departments(departments), people);
    PERFORM settle_documents(documents_of_departments(departments), people);
END
$$;

-- What these bindings show, for all people or for these: of one that is gone too.
CREATE FUNCTION settle_bindings(bindings role_bindings[], people bigint[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM settle_chats(ARRAY(SELECT DISTINCT b.chat_id FROM unnest(bindings) b WHERE b.chat_id IS NOT NULL), people);
    PERFORM settle_documents(ARRAY(SELECT DISTINCT b.document_id FROM unnest(bindings) b WHERE b.document_id IS NOT NULL), people);
END
$$;
