-- Memberships that directories of people grant. Each grant names its source: a synchronisation touches its own grants
-- alone, and acts on what has changed there since the last time. A membership that was made by hand stays, whatever a
-- directory says, and so does what somebody has done by hand to a granted one: who was removed, or has left, comes back
-- only when the directory has withdrawn the grant and gives it anew.

-- Whether more would go than a synchronisation may take: more than a tenth and more than one, or all. Most likely the
-- directory was asked wrongly, or answered in part.
CREATE FUNCTION too_many_go(had bigint, going bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT going > 0 AND (going > greatest(had / 10.0, 1) OR going >= had)
$$;

-- Grants memberships in workspaces, as members; the users and workspaces are two lists in step. Unknown ones are left out.
CREATE FUNCTION grant_memberships(source text, users bigint[], workspaces bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    granted bigint;
BEGIN
    PERFORM 1 FROM workspaces w WHERE w.id = ANY (grant_memberships.workspaces) ORDER BY w.id FOR NO KEY UPDATE;
    WITH fresh AS (
        INSERT INTO membership_grants (source, workspace_id, user_id)
        SELECT grant_memberships.source, w.id, u.id
        FROM unnest(users, grant_memberships.workspaces) AS given (user_id, workspace_id)
        JOIN users u ON u.id = given.user_id JOIN workspaces w ON w.id = given.workspace_id
        ON CONFLICT DO NOTHING
        RETURNING workspace_id, user_id
    ), joined AS (
        INSERT INTO workspace_members (workspace_id, user_id, role, granted)
        SELECT f.workspace_id, f.user_id, 'member', true FROM fresh f
        WHERE NOT EXISTS (SELECT FROM workspace_departures d WHERE (d.workspace_id, d.user_id) = (f.workspace_id, f.user_id))
        ORDER BY 1, 2
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) INTO granted FROM fresh;
    RETURN granted;
END
$$;

-- Withdraws them. A membership that came with a grant goes with the last one, unless its user has become an owner.
CREATE FUNCTION withdraw_memberships(source text, users bigint[], workspaces bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    withdrawn bigint;
BEGIN
    PERFORM 1 FROM workspaces w WHERE w.id = ANY (withdraw_memberships.workspaces) ORDER BY w.id FOR NO KEY UPDATE;
    DELETE FROM membership_grants g USING unnest(users, withdraw_memberships.workspaces) AS gone (user_id, workspace_id)
    WHERE (g.source, g.workspace_id, g.user_id) = (withdraw_memberships.source, gone.workspace_id, gone.user_id);
    GET DIAGNOSTICS withdrawn = ROW_COUNT;
    DELETE FROM workspace_members m USING unnest(users, withdraw_memberships.workspaces) AS gone (user_id, workspace_id)
    WHERE (m.workspace_id, m.user_id) = (gone.workspace_id, gone.user_id) AND m.granted AND m.role <> 'owner'
      AND NOT EXISTS (SELECT FROM membership_grants g WHERE (g.workspace_id, g.user_id) = (m.workspace_id, m.user_id));
    RETURN withdrawn;
END
$$;

-- What a source says of one user: the workspaces that it grants them, all of them. Null, as from a provider that did
-- not say, changes nothing. Returns how many grants have changed.
CREATE FUNCTION sync_grants(source text, person bigint, workspaces bigint[]) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    fresh bigint[];
    gone bigint[];
BEGIN
    FOR attempt IN 1 .. 2 LOOP
        SELECT array_agg(w.id) FILTER (WHERE g.workspace_id IS NULL), array_agg(g.workspace_id) FILTER (WHERE w.id IS NULL)
        INTO fresh, gone
        FROM (SELECT id FROM workspaces WHERE id = ANY (sync_grants.workspaces)) w
        FULL JOIN (SELECT workspace_id FROM membership_grants
                   WHERE membership_grants.source = sync_grants.source AND user_id = person) g ON g.workspace_id = w.id;
        -- Nothing has changed, as at nearly every sign-in: that takes no lock.
        IF workspaces IS NULL OR fresh IS NULL AND gone IS NULL THEN
            RETURN 0;
        END IF;
        PERFORM lock_source(source);
    END LOOP;
    RETURN withdraw_memberships(source, array_fill(person, ARRAY[coalesce(cardinality(gone), 0)]), coalesce(gone, '{}'))
         + grant_memberships(source, array_fill(person, ARRAY[coalesce(cardinality(fresh), 0)]), coalesce(fresh, '{}'));
END
$$;

-- What a source says of everybody: users and their workspaces, two lists in step, all of them. If too many would go, it
-- changes nothing but says so (stopped; ops.synchronisations), until an operator has looked: ops.let_go(source), or
-- forced, does it once.
CREATE FUNCTION sync_source(
    source text, users bigint[], workspaces bigint[], forced boolean DEFAULT false,
    OUT granted bigint, OUT withdrawn bigint, OUT stopped boolean, OUT had bigint, OUT going bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    fresh_users bigint[];
    fresh_workspaces bigint[];
    gone_users bigint[];
    gone_workspaces bigint[];
BEGIN
    PERFORM lock_source(source);
    SELECT count(g.user_id),
           coalesce(array_agg(w.user_id) FILTER (WHERE g.user_id IS NULL), '{}'),
           coalesce(array_agg(w.workspace_id) FILTER (WHERE g.user_id IS NULL), '{}'),
           coalesce(array_agg(g.user_id) FILTER (WHERE w.user_id IS NULL), '{}'),
           coalesce(array_agg(g.workspace_id) FILTER (WHERE w.user_id IS NULL), '{}')
    INTO had, fresh_users, fresh_workspaces, gone_users, gone_workspaces
    FROM (SELECT DISTINCT user_id, workspace_id FROM unnest(users, workspaces) AS given (user_id, workspace_id)) w
    FULL JOIN (SELECT user_id, workspace_id FROM membership_grants
               WHERE membership_grants.source = sync_source.source) g USING (user_id, workspace_id);
    going := cardinality(gone_users);
    stopped := note_synchronisation(source, had, going, forced);
    IF stopped THEN
        granted := 0;
        withdrawn := 0;
        RETURN;
    END IF;
    withdrawn := withdraw_memberships(source, gone_users, gone_workspaces);
    granted := grant_memberships(source, fresh_users, fresh_workspaces);
END
$$;

-- Records a synchronisation of a source in which `going` of what it `had` would go; true if it must stop, since too many
-- would. An operator's leave (ops.let_go) lets one through.
CREATE FUNCTION note_synchronisation(source text, had bigint, going bigint, forced boolean DEFAULT false)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stops CONSTANT boolean := NOT forced AND too_many_go(had, going)
        AND NOT EXISTS (SELECT FROM synchronisations s WHERE s.source = note_synchronisation.source AND s.let_go);
BEGIN
    INSERT INTO synchronisations AS s (source, synchronised_at, stopped_at, had, going)
    VALUES (source, CASE WHEN NOT stops THEN now() END, CASE WHEN stops THEN now() END, had, going)
    ON CONFLICT ON CONSTRAINT synchronisations_pkey DO UPDATE SET
        synchronised_at = coalesce(excluded.synchronised_at, s.synchronised_at),
        stopped_at = CASE WHEN stops THEN coalesce(s.stopped_at, now()) END,
        had = excluded.had, going = excluded.going, let_go = s.let_go AND stops;
    RETURN stops;
END
$$;

-- One synchronisation of a source at a time.
CREATE FUNCTION lock_source(source text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended(source, 104))
$$;
