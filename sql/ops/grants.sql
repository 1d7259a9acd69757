-- What directories of people have granted, and how their synchronisations fare.

CREATE FUNCTION ops.grants(who text)
RETURNS TABLE (source text, workspace bigint, name text, granted_at timestamptz, is_member boolean)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT g.source, g.workspace_id, w.name, g.granted_at,
           EXISTS (SELECT FROM workspace_members m WHERE (m.workspace_id, m.user_id) = (g.workspace_id, g.user_id))
    FROM membership_grants g JOIN workspaces w ON w.id = g.workspace_id
    WHERE g.user_id = ops.find_user(who) ORDER BY g.workspace_id, g.source;
END
$$;
COMMENT ON FUNCTION ops.grants IS 'The memberships that directories of people have granted to a user.';

CREATE VIEW ops.synchronisations AS
SELECT s.source, s.synchronised_at, s.stopped_at, s.had, s.going, s.let_go
FROM public.synchronisations s ORDER BY s.stopped_at NULLS LAST, s.source;
COMMENT ON VIEW ops.synchronisations IS 'Each directory: its last synchronisation; or since when it is stopped, since too many of what it had would go.';

CREATE FUNCTION ops.let_go(source text, OUT going bigint) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE synchronisations s SET let_go = true WHERE s.source = let_go.source AND s.stopped_at IS NOT NULL
    RETURNING s.going INTO going;
    IF going IS NULL THEN
        RAISE no_data_found USING MESSAGE = format('no synchronisation of %s is stopped', source),
            HINT = 'SELECT * FROM ops.synchronisations;';
    END IF;
END
$$;
COMMENT ON FUNCTION ops.let_go IS 'Lets the next synchronisation of a directory take what it would, once.';

CREATE FUNCTION ops.let_demand(workspace bigint, allowed boolean DEFAULT true, OUT name text) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE workspaces w SET may_demand = allowed WHERE w.id = workspace RETURNING w.name INTO name;
    IF name IS NULL THEN
        RAISE no_data_found USING MESSAGE = format('there is no workspace %s', workspace), HINT = 'SELECT * FROM ops.storage;';
    END IF;
    IF NOT allowed THEN
        DELETE FROM required_providers r WHERE r.workspace_id = workspace;
        DELETE FROM required_second_factors r WHERE r.workspace_id = workspace;
    END IF;
END
$$;
COMMENT ON FUNCTION ops.let_demand IS 'Lets the owners of a workspace demand how its members sign in: by which provider, and with a second factor. false ends what they demand.';
