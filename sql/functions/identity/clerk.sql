-- Clerk: what it has said of its objects, and which memberships follow from that.

-- One statement about an object of Clerk at a time; a session that begins waits for it.
CREATE FUNCTION clerk_lock(kind text, id text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended(concat_ws(chr(31), kind, id), 117)
$$;

-- What a sign-in holds that began at Clerk: news of its session, or of its user, waits. It comes before all rows, as in a
-- webhook, which then locks those of workspaces and users.
CREATE FUNCTION hold_clerk(sid text, identity bigint) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock_shared(clerk_lock('session', sid)),
           pg_advisory_xact_lock_shared(clerk_lock('user', (SELECT subject FROM identities WHERE id = identity)))
$$;

-- Records what Clerk says of an object: it was gone, or was there, at a time; null: it is gone for good. False if that
-- is no news, since it is not newer than what is known. Of two statements of the same time, the object is gone.
CREATE FUNCTION clerk_note(kind text, id text, member text, gone boolean, changed_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(clerk_lock(kind, id));
    INSERT INTO clerk_objects AS o (kind, id, member, gone, changed_at)
    VALUES (kind, id, member, gone, coalesce(changed_at, 'infinity'))
    ON CONFLICT ON CONSTRAINT clerk_objects_pkey DO UPDATE
    SET gone = excluded.gone, changed_at = excluded.changed_at, learned_at = now()
    WHERE o.changed_at < excluded.changed_at OR o.changed_at = excluded.changed_at AND excluded.gone AND NOT o.gone;
    RETURN FOUND;
END
$$;

-- The memberships that Clerk's organizations grant; the organizations and their workspaces are two lists in step.
CREATE FUNCTION clerk_grants(issuer text, organizations text[], workspaces bigint[])
RETURNS TABLE (user_id bigint, workspace_id bigint) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT i.user_id, named.workspace
    FROM unnest(organizations, workspaces) AS named (organization, workspace)
    JOIN clerk_objects o ON o.kind = 'membership' AND o.id = named.organization AND NOT o.gone
    JOIN identities i ON i.provider = 'clerk' AND i.issuer = clerk_grants.issuer AND i.subject = o.member
    WHERE NOT EXISTS (SELECT FROM clerk_objects g WHERE g.gone AND g.kind = 'user' AND g.id = o.member)
      AND NOT EXISTS (SELECT FROM clerk_objects g WHERE g.gone AND g.kind = 'organization' AND g.id = o.id)
$$;

-- Records all members of an organization, as Clerk's list has them, with when each membership changed last. Whoever was
-- known as a member before the list was read and is not in it left after what was known of them; if they have come back
-- meanwhile, that is newer. So no two clocks are compared. members is null: there is no such organization.
CREATE FUNCTION clerk_note_members(
    organization text, members text[], changed_at timestamptz[], known text[], known_at timestamptz[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF members IS NULL THEN
        PERFORM clerk_note('organization', organization, '', true, NULL);
        RETURN;
    END IF;
    PERFORM clerk_note('membership', organization, listed.member, false, listed.at)
    FROM unnest(members, changed_at) AS listed (member, at) ORDER BY listed.member;
    PERFORM clerk_note('membership', organization, former.member, true, former.at)
    FROM unnest(known, known_at) AS former (member, at) WHERE former.member <> ALL (members);
END
$$;
