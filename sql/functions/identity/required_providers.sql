-- Providers by which alone the members of a workspace sign in.

-- The one by which somebody must sign in; null if by any. A user is a member of no two workspaces that require different
-- ones. A workspace's break-glass owner is free of its demand.
CREATE FUNCTION required_provider(person bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT r.provider FROM workspace_members m JOIN required_providers r USING (workspace_id)
    WHERE m.user_id = person AND r.break_glass_owner <> person
    LIMIT 1
$$;

-- Ends the sessions of these users that began otherwise than they must. Their rows are locked, so that a session that is
-- beginning is seen, or sees the demand.
CREATE FUNCTION end_other_ways_in(people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE id = ANY (people) ORDER BY id FOR NO KEY UPDATE;
    PERFORM end_sessions('provider_required', session => s.id) FROM sessions s
    WHERE s.user_id = ANY (people) AND s.revoked_at IS NULL AND s.expires_at > now()
      AND s.provider <> required_provider(s.user_id);
END
$$;

-- A workspace's demand, as its owners see it.
CREATE FUNCTION required_provider_json(r required_providers) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('workspace_id', r.workspace_id, 'provider', r.provider,
                             'break_glass_owner_id', r.break_glass_owner, 'required_at', r.required_at)
$$;
