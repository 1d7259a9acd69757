-- Bindings of roles: what they are, and whom they reach.

CREATE FUNCTION role_binding_json(b role_bindings) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT b.id, b.organization_id, b.role_id, (SELECT name FROM roles WHERE roles.id = b.role_id) AS role_name, b.user_id, b.group_id,
               b.department_id, b.with_below, b.workspace_id, b.scope_department_id, b.chat_id, CASE kind WHEN 'board' THEN b.document_id END AS board_id,
               CASE kind WHEN 'page' THEN b.document_id END AS page_id, b.ends_at, b.source, b.created_at
        FROM (SELECT (SELECT documents.kind FROM documents WHERE documents.id = b.document_id) AS kind) place
    ) shape
$$;

-- A binding as somebody has it whom it reaches.
CREATE FUNCTION own_binding_json(b role_bindings) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT b.id, b.role_id, r.name AS role_name, r.permissions, b.workspace_id, b.scope_department_id, b.chat_id,
               CASE kind WHEN 'board' THEN b.document_id END AS board_id, CASE kind WHEN 'page' THEN b.document_id END AS page_id, b.ends_at
        FROM roles r, (SELECT (SELECT documents.kind FROM documents WHERE documents.id = b.document_id) AS kind) place WHERE r.id = b.role_id
    ) shape
$$;

-- The bindings that reach one of an organisation's people: by themselves, by a group, by a department.
CREATE FUNCTION bindings_of(organization bigint, person bigint) RETURNS SETOF role_bindings LANGUAGE sql STABLE ROWS 5 AS $$
    SELECT b.* FROM role_bindings b WHERE b.organization_id = organization AND b.user_id = person
    UNION ALL
    SELECT b.* FROM group_members g JOIN role_bindings b ON b.group_id = g.group_id WHERE g.organization_id = organization AND g.user_id = person
    UNION ALL
    SELECT b.* FROM (
        SELECT t.ancestor_id, min(t.depth) AS depth FROM appointments a JOIN department_tree t ON t.department_id = a.department_id
        WHERE a.organization_id = organization AND a.user_id = person AND a.is_current GROUP BY t.ancestor_id
    ) above JOIN role_bindings b ON b.department_id = above.ancestor_id AND (b.with_below OR above.depth = 0)
$$;

-- The people whom a binding reaches. Guests and bots have no roles.
CREATE FUNCTION people_of_binding(b role_bindings) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT m.user_id FROM (
        SELECT b.user_id WHERE b.user_id IS NOT NULL
        UNION SELECT g.user_id FROM group_members g WHERE g.group_id = b.group_id
        UNION SELECT a.user_id FROM department_tree t JOIN appointments a ON a.department_id = t.department_id AND a.is_current
        WHERE t.ancestor_id = b.department_id AND (b.with_below OR t.depth = 0)
    ) reached JOIN organization_members m ON m.organization_id = b.organization_id AND m.user_id = reached.user_id AND m.kind = 'member'
$$;

-- The bindings that reach these departments' people or chats, by one of the departments or one above.
CREATE FUNCTION bindings_above(departments bigint[]) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM (
        SELECT b.id FROM department_tree t JOIN role_bindings b ON b.department_id = t.ancestor_id AND (b.with_below OR t.depth = 0)
        WHERE t.department_id = ANY (departments)
        UNION SELECT b.id FROM department_tree t JOIN role_bindings b ON b.scope_department_id = t.ancestor_id
        WHERE t.department_id = ANY (departments)) above
$$;
