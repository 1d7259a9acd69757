-- Providers by which alone the members of a workspace sign in.

-- The one by which somebody must sign in; null if by any. A user is a member of no two workspaces that require different
-- ones. A workspace's break-glass owner is free of its demand.
CREATE FUNCTION required_provider(person bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT r.provider FROM workspace_members m JOIN required_providers r USING (workspace_id)
    WHERE m.user_id = person AND r.break_glass_owner <> person
    LIMIT 1
$$;

-- Ends the sessions of these users that began otherwise than they must; refuses if somebody must by two. Their rows are
-- locked, so that a session that is beginning, or another workspace's demand, is seen, or sees this one.
CREATE FUNCTION end_other_ways_in(people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE id = ANY (people) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM workspace_members m JOIN required_providers r USING (workspace_id)
               WHERE m.user_id = ANY (people) AND r.break_glass_owner <> m.user_id
               GROUP BY m.user_id HAVING count(DISTINCT r.provider) > 1) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'one_provider_required',
            MESSAGE = 'a member must sign in by another provider, for another workspace';
    END IF;
    PERFORM end_sessions('provider_required', session => s.id) FROM sessions s
    WHERE s.user_id = ANY (people) AND s.revoked_at IS NULL AND s.expires_at > now()
      AND s.provider <> required_provider(s.user_id);
END
$$;

-- Refuses a demand of a workspace's members that the operator has not allowed (ops.let_demand). Somebody in psql may.
CREATE FUNCTION require_leave_to_demand(workspace bigint) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF acting_user() IS NOT NULL AND NOT EXISTS (SELECT FROM workspaces WHERE id = workspace AND may_demand) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'workspace_may_not_demand',
            MESSAGE = format('workspace %s may not demand how its members sign in', workspace),
            HINT = format('SELECT * FROM ops.let_demand(%s);', workspace);
    END IF;
END
$$;

-- A workspace's demand, as its owners see it.
CREATE FUNCTION required_provider_json(r required_providers) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('workspace_id', r.workspace_id, 'provider', r.provider,
                             'break_glass_owner_id', r.break_glass_owner, 'required_at', r.required_at)
$$;
