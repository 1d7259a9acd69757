-- Synchronisation with directories of people (LDAP): what has changed there since the last time changes here.

-- Names and addresses of people as their directory gives them now: lists in step, by identity. Null says nothing of an
-- address. What the directory says for the first time is remembered, and changes nothing: the account may have been there
-- before, with a name and an address of its own. An address that somebody else has stays theirs. Returns the users that
-- have changed.
CREATE FUNCTION follow_directory(identity_ids bigint[], fullnames text[], emails text[]) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    changed record;
    moved bigint;
BEGIN
    FOR changed IN
        SELECT i.id, i.user_id, given.fullname, given.email,
               coalesce(given.fullname <> i.directory_fullname, false) AS renames,
               coalesce(lower(given.email) <> lower(i.directory_email), false) AS moves
        FROM unnest(identity_ids, fullnames, emails) AS given (identity_id, fullname, email)
        JOIN identities i ON i.id = given.identity_id
        WHERE (given.fullname, lower(coalesce(given.email, i.directory_email)))
              IS DISTINCT FROM (i.directory_fullname, lower(i.directory_email))
        ORDER BY i.user_id
    LOOP
        IF changed.renames THEN
            UPDATE users u SET fullname = changed.fullname WHERE u.id = changed.user_id AND u.fullname <> changed.fullname;
        END IF;
        moved := changed.user_id;
        IF changed.moves THEN
            UPDATE users u SET email = changed.email, email_verified_at = now()
            WHERE u.id = changed.user_id
              AND NOT EXISTS (SELECT FROM users other WHERE lower(other.email) = lower(changed.email) AND other.id <> u.id)
            RETURNING u.id INTO moved;
        END IF;
        UPDATE identities i SET
            directory_fullname = changed.fullname,
            directory_email = CASE WHEN changed.moves AND moved IS NULL THEN i.directory_email
                                   ELSE coalesce(changed.email, i.directory_email) END
        WHERE i.id = changed.id;
        IF changed.renames OR changed.moves THEN
            RETURN NEXT changed.user_id;
        END IF;
    END LOOP;
END
$$;

-- The same of a name alone, which a provider of sign-ins gives at each sign-in.
CREATE FUNCTION follow_name(identity bigint, fullname text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM follow_directory(ARRAY[identity], ARRAY[fullname], ARRAY[NULL::text]);
END
$$;

-- The same of one person, for whom the directory has just vouched; whom it had suspended it has again.
CREATE FUNCTION follow_person(source text, person bigint, identity bigint, fullname text, email text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM reinstate_by(source, person);
    PERFORM follow_directory(ARRAY[identity], ARRAY[fullname], ARRAY[email]);
END
$$;

-- A synchronisation: all people of a directory, as lists in step, by subject, as they were read from `read_at` on;
-- `are_active` is false for those whom the directory has disabled. Whoever has signed in since is known better: they have
-- not left because the list lacks them, and their name, address and memberships stay. `grant_subjects` and
-- `grant_workspaces` are the memberships that it grants, two lists in step; null where they are not known, which changes
-- none; `named_groups` and `named_departments` are all that the settings name, null where nobody knows. Users whom it no longer has, or has disabled, are suspended in its name, and those whom it has again are
-- reinstated, unless somebody else has suspended them too. outcome: done; empty, since a directory without anybody was
-- asked wrongly; stopped, if too many would leave (too_many_go), until an operator has looked (ops.let_go), or `forced`.
-- The last two change nothing; grants_stopped: too many memberships would go, which stay, and all else is done.
CREATE FUNCTION sync_directory(
    source text, subjects text[], fullnames text[], emails text[], are_active boolean[],
    grant_subjects text[], grant_workspaces bigint[], read_at timestamptz, forced boolean,
    group_subjects text[] DEFAULT NULL, groups bigint[] DEFAULT NULL,
    department_subjects text[] DEFAULT NULL, departments bigint[] DEFAULT NULL,
    named_groups bigint[] DEFAULT NULL, named_departments bigint[] DEFAULT NULL,
    OUT outcome text, OUT had bigint, OUT leaving bigint[], OUT returning_users bigint[], OUT changed bigint[],
    OUT granted bigint, OUT withdrawn bigint, OUT grants_stopped boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    has_leave boolean;
    may_go boolean;
    stopped_since timestamptz;
    person bigint;
BEGIN
    PERFORM lock_source(source);
    -- An operator's leave is for people and memberships; noting people uses it up, and ends the stop.
    SELECT s.let_go, s.stopped_at INTO has_leave, stopped_since FROM synchronisations s WHERE s.source = sync_directory.source;
    may_go := forced OR coalesce(has_leave, false);
    SELECT count(*) FILTER (WHERE NOT known.is_out),
           coalesce(array_agg(known.user_id ORDER BY known.user_id) FILTER (WHERE NOT known.is_out AND NOT known.is_there), '{}'),
           coalesce(array_agg(known.user_id ORDER BY known.user_id) FILTER (WHERE known.is_out AND known.is_there), '{}')
    INTO had, leaving, returning_users
    FROM (SELECT i.user_id,
                 bool_or(EXISTS (SELECT FROM suspensions s WHERE (s.user_id, s.source) = (i.user_id, sync_directory.source))) AS is_out,
                 bool_or(coalesce(given.is_active, i.last_used_at >= read_at, false)) AS is_there
          FROM identities i
          LEFT JOIN unnest(subjects, are_active) AS given (subject, is_active) ON given.subject = i.subject
          WHERE (i.provider, i.issuer) = (sync_directory.source, 'ldap')
          GROUP BY i.user_id) known;
    IF cardinality(subjects) = 0 THEN
        -- Not even an operator's leave lets everybody go.
        IF had > 0 AND has_leave IS NOT TRUE THEN
            PERFORM note_synchronisation(source, had, had);
        END IF;
        outcome := 'empty';
        RETURN;
    END IF;
    IF note_synchronisation(source, had, cardinality(leaving), may_go) THEN
        outcome := 'stopped';
        RETURN;
    END IF;
    -- Workspaces before users: whoever makes a demand of one's members holds it, and waits for their rows to end sessions.
    IF grant_subjects IS NOT NULL THEN
        PERFORM 1 FROM workspaces w
        WHERE w.id = ANY (grant_workspaces)
           OR w.id IN (SELECT g.workspace_id FROM membership_grants g WHERE g.source = sync_directory.source)
        ORDER BY w.id FOR NO KEY UPDATE;
    END IF;
    FOREACH person IN ARRAY leaving LOOP
        PERFORM suspend_by(source, person);
    END LOOP;
    FOREACH person IN ARRAY returning_users LOOP
        PERFORM reinstate_by(source, person);
    END LOOP;
    changed := ARRAY(
        SELECT follow_directory(array_agg(i.id ORDER BY i.id), array_agg(given.fullname ORDER BY i.id), array_agg(given.email ORDER BY i.id))
        FROM unnest(subjects, fullnames, emails) AS given (subject, fullname, email)
        JOIN identities i ON (i.provider, i.issuer, i.subject) = (sync_directory.source, 'ldap', given.subject)
        WHERE (i.last_used_at >= read_at) IS NOT TRUE);
    IF grant_subjects IS NOT NULL THEN
        SELECT synced.granted, synced.withdrawn, synced.stopped INTO granted, withdrawn, grants_stopped
        FROM (SELECT coalesce(array_agg(each.user_id), '{}') AS users, coalesce(array_agg(each.workspace_id), '{}') AS workspaces
              FROM (SELECT i.user_id, given.workspace_id
                    FROM unnest(grant_subjects, grant_workspaces) AS given (subject, workspace_id)
                    JOIN identities i ON (i.provider, i.issuer, i.subject) = (sync_directory.source, 'ldap', given.subject)
                    WHERE (i.last_used_at >= read_at) IS NOT TRUE
                    UNION
                    SELECT g.user_id, g.workspace_id FROM membership_grants g
                    WHERE g.source = sync_directory.source AND g.user_id IN (
                        SELECT i.user_id FROM identities i
                        WHERE (i.provider, i.issuer) = (sync_directory.source, 'ldap') AND i.last_used_at >= read_at)) each) wanted
        CROSS JOIN LATERAL sync_source(source, wanted.users, wanted.workspaces, may_go) synced;
        IF grants_stopped THEN
            UPDATE synchronisations s SET stopped_at = coalesce(stopped_since, s.stopped_at) WHERE s.source = sync_directory.source;
        END IF;
    END IF;
    IF group_subjects IS NOT NULL AND grants_stopped IS NOT TRUE THEN
        grants_stopped := sync_organizations(source, group_subjects, groups, department_subjects, departments, read_at, may_go,
                                             named_groups, named_departments);
        UPDATE synchronisations s SET stopped_at = coalesce(stopped_since, s.stopped_at)
        WHERE grants_stopped AND s.source = sync_directory.source;
    END IF;
    outcome := 'done';
END
$$;

-- Who is in which group and department of an organisation, by a directory that knows people by their subjects: two lists in step
-- for each, of everybody but those who have signed in since, who are known better. True if too many would go of those whom it has
-- put there (too_many_go): nothing changes then, unless they may. Whoever goes from a group or department that the settings do
-- not name any more does not count: an operator has said so, and naming it again brings everybody back.
CREATE FUNCTION sync_organizations(
    source text, group_subjects text[], groups bigint[], department_subjects text[], departments bigint[], read_at timestamptz, may_go boolean,
    named_groups bigint[], named_departments bigint[]
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    known CONSTANT bigint[] := ARRAY(SELECT i.user_id FROM identities i WHERE (i.provider, i.issuer) = (source, 'ldap')
                                                                          AND (i.last_used_at >= read_at) IS NOT TRUE);
    people bigint[];
    in_groups record;
    in_departments record;
    had bigint;
    going bigint;
BEGIN
    SELECT coalesce(array_agg(i.user_id), '{}') AS users, coalesce(array_agg(given.id), '{}') AS ids INTO in_groups
    FROM unnest(group_subjects, groups) AS given (subject, id)
    JOIN identities i ON (i.provider, i.issuer, i.subject) = (source, 'ldap', given.subject) AND i.user_id = ANY (known);
    SELECT coalesce(array_agg(i.user_id), '{}') AS users, coalesce(array_agg(given.id), '{}') AS ids INTO in_departments
    FROM unnest(department_subjects, departments) AS given (subject, id)
    JOIN identities i ON (i.provider, i.issuer, i.subject) = (source, 'ldap', given.subject) AND i.user_id = ANY (known);
    -- Those too who are there by an identity that has been removed since.
    people := ARRAY(
        SELECT placed.user_id
        FROM (SELECT m.user_id FROM group_members m WHERE m.source = sync_organizations.source
              UNION SELECT a.user_id FROM appointments a WHERE a.source = sync_organizations.source
              UNION SELECT p.user_id FROM placements p WHERE p.source = sync_organizations.source) placed
        WHERE placed.user_id = ANY (known) OR NOT EXISTS (
            SELECT FROM identities i WHERE (i.provider, i.issuer, i.user_id) = (source, 'ldap', placed.user_id)));
    SELECT count(*), count(*) FILTER (WHERE placed.user_id = ANY (people) AND NOT placed.is_said) INTO had, going
    FROM (SELECT m.user_id, EXISTS (SELECT FROM unnest(in_groups.users, in_groups.ids) AS given (user_id, id)
                                    WHERE (given.user_id, given.id) = (m.user_id, m.group_id)) AS is_said
          FROM group_members m WHERE m.source = sync_organizations.source AND (m.group_id = ANY (named_groups)) IS NOT FALSE
          UNION ALL
          SELECT a.user_id, EXISTS (SELECT FROM unnest(in_departments.users, in_departments.ids) AS given (user_id, id)
                                    WHERE (given.user_id, given.id) = (a.user_id, a.department_id))
          FROM appointments a WHERE a.source = sync_organizations.source AND (a.department_id = ANY (named_departments)) IS NOT FALSE) placed;
    IF NOT may_go AND too_many_go(had, going) THEN
        RETURN note_synchronisation(source, had, going);
    END IF;
    PERFORM sync_groups(source, people, in_groups.users, in_groups.ids);
    PERFORM sync_departments(source, people, in_departments.users, in_departments.ids);
    RETURN false;
END
$$;
