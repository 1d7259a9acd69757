-- Groups of an organisation's people.

-- These people, and those members of the chat who are in groups of these names: of the organisation of the chat's workspace,
-- and of at most everyone_members() members of the chat, unless one of its admins or owners mentions it. A member's user name
-- comes before a group's.
CREATE FUNCTION with_groups(people bigint[], chat bigint, sender bigint, names text[]) RETURNS bigint[] LANGUAGE sql STABLE
SET enable_seqscan = off AS $$
    SELECT array_agg(DISTINCT person ORDER BY person) FROM (
        SELECT unnest(people) AS person
        UNION ALL
        SELECT unnest(mentioned.ids)
        FROM chats c JOIN workspaces w ON w.id = c.workspace_id JOIN groups g ON g.organization_id = w.organization_id
        CROSS JOIN LATERAL (
            SELECT array_agg(m.user_id) AS ids FROM group_members gm JOIN chat_members m ON m.chat_id = c.id AND m.user_id = gm.user_id
            WHERE gm.group_id = g.id AND m.user_id <> sender) mentioned
        WHERE c.id = chat AND lower(g.name) = ANY (names) AND feature_enabled('enable_organizations', g.organization_id)
          AND (cardinality(mentioned.ids) <= everyone_members()
               OR EXISTS (SELECT FROM chat_members m WHERE m.chat_id = c.id AND m.user_id = sender AND m.role IN ('admin', 'owner')))
          AND NOT EXISTS (SELECT FROM users u JOIN chat_members m ON m.user_id = u.id
                          WHERE lower(u.username) = lower(g.name) AND m.chat_id = c.id)
    ) all_of_them
$$;
