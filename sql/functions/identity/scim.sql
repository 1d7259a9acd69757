-- What directories say of people and groups by SCIM. A directory's user is one of ours, found by identify(); its groups
-- grant memberships in workspaces, and `active: false` suspends by source.

-- The most members that a group can have, and that an answer has: each change of a group reads and answers all of them.
CREATE FUNCTION most_scim_members() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 5000';

-- What is stored of a directory's user, as the servers read it.
CREATE FUNCTION scim_user_json(s scim_users) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT s.resource || jsonb_strip_nulls(jsonb_build_object(
        'id', s.id::text, 'active', CASE WHEN s.resource ? 'active' THEN s.active END,
        'meta', jsonb_build_object('resourceType', 'User', 'created', s.created_at, 'lastModified', s.updated_at,
                                   'version', format('W/"%s"', s.version)),
        'groups', (SELECT jsonb_agg(jsonb_build_object('value', g.id::text, 'display', g.display_name, 'type', 'direct',
                                                       '$ref', 'Groups/' || g.id) ORDER BY g.id)
                   FROM scim_members m JOIN scim_groups g ON g.id = m.group_id WHERE m.scim_user_id = s.id)))
$$;

-- The members of a group likewise; null if it has none.
CREATE FUNCTION scim_members_json(of_group bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object('value', m.scim_user_id::text, 'type', 'User', '$ref', 'Users/' || m.scim_user_id)
                     ORDER BY m.scim_user_id)
    FROM scim_members m WHERE m.group_id = of_group
$$;

-- The same of a group; its members only if asked for.
CREATE FUNCTION scim_group_json(s scim_groups, with_members boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'id', s.id::text, 'displayName', s.display_name, 'externalId', s.external_id,
        'meta', jsonb_build_object('resourceType', 'Group', 'created', s.created_at, 'lastModified', s.updated_at,
                                   'version', format('W/"%s"', s.version)),
        'members', CASE WHEN with_members THEN scim_members_json(s.id) END))
$$;

-- Whether an address is one of these domains.
CREATE FUNCTION is_of_domains(email text, domains text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT lower(split_part(email, '@', 2)) = ANY (domains)
$$;

-- Whether a directory that owns these domains may act for a user. Others too have identities at a way in that it shares
-- with them, such as Google, and it says itself which identity is whose.
CREATE FUNCTION may_provision(person bigint, domains text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM users u WHERE u.id = person AND is_of_domains(u.email, domains))
$$;

-- A directory's new user. The person is found, or made, by identify(), as one whom `way_in` vouches for with this issuer
-- and subject; without a subject, by the address alone. `domains` are those that the directory owns: it has verified
-- their addresses, and acts for their users alone. outcome: created, or that of identify() which has found nobody;
-- taken too, if the identity is that of a user of another domain; already, if the directory has this person under
-- another id. Only `created` changes anything for good: the caller rolls the others back.
CREATE FUNCTION scim_create_user(
    directory text, way_in text, issuer text, subject text, email text, domains text[], may_create boolean,
    fullname text, active boolean, resource jsonb, OUT outcome text, OUT id bigint, OUT person bigint
) LANGUAGE plpgsql AS $$
DECLARE
    owns_domain CONSTANT boolean := coalesce(is_of_domains(email, domains), false);
    identity bigint;
BEGIN
    id := nextval(pg_get_serial_sequence('scim_users', 'id'));
    SELECT f.outcome, f.user_id, f.identity_id INTO outcome, person, identity
    FROM identify(CASE WHEN subject IS NULL THEN directory ELSE way_in END, CASE WHEN subject IS NULL THEN 'scim' ELSE issuer END,
                  coalesce(subject, scim_create_user.id::text), email, owns_domain, owns_domain, may_create, fullname) f;
    IF person IS NULL THEN
        RETURN;
    END IF;
    outcome := CASE WHEN outcome = 'known' AND NOT may_provision(person, domains) THEN 'taken'
                    WHEN EXISTS (SELECT FROM scim_users s WHERE (s.directory, s.user_id) = (scim_create_user.directory, person))
                    THEN 'already' ELSE 'created' END;
    IF outcome = 'created' THEN
        INSERT INTO scim_users (id, directory, user_id, identity_id, active, email, fullname, resource)
        VALUES (scim_create_user.id, directory, person, identity, coalesce(active, true), email, fullname, resource);
    END IF;
END
$$;

-- What a directory says of its user now. A new name is the person's; a new address too, if the directory owns it and the
-- account had the former one. A new subject replaces the identity. Without `active` it stays as it is. outcome: updated;
-- unknown; changed, if somebody else has since the caller read it; unowned, if it does not own the new address; taken, if
-- the identity is another user's, or would be that of a user of another domain.
CREATE FUNCTION scim_update_user(
    directory text, id bigint, expected bigint, way_in text, issuer text, subject text, email text, domains text[],
    fullname text, active boolean, resource jsonb, OUT outcome text, OUT person bigint
) LANGUAGE plpgsql AS $$
DECLARE
    owns_domain CONSTANT boolean := coalesce(is_of_domains(email, domains), false);
    had scim_users;
    identity bigint;
BEGIN
    SELECT * INTO had FROM scim_users s WHERE (s.directory, s.id) = (scim_update_user.directory, scim_update_user.id) FOR UPDATE;
    person := had.user_id;
    outcome := CASE WHEN person IS NULL THEN 'unknown' WHEN had.version <> expected THEN 'changed'
                    WHEN email <> had.email AND NOT owns_domain THEN 'unowned' ELSE 'updated' END;
    IF outcome <> 'updated' THEN
        RETURN;
    END IF;
    IF subject IS NOT NULL AND NOT EXISTS (
        SELECT FROM identities i WHERE i.id = had.identity_id AND (i.provider, i.issuer, i.subject)
                                     = (scim_update_user.way_in, scim_update_user.issuer, scim_update_user.subject)) THEN
        IF may_provision(person, domains) THEN
            identity := add_identity(person, way_in, issuer, subject, email, owns_domain);
        END IF;
        IF identity IS NULL THEN
            outcome := 'taken';
            RETURN;
        END IF;
    END IF;
    UPDATE scim_users s SET
        identity_id = coalesce(identity, s.identity_id), active = coalesce(scim_update_user.active, s.active), email = scim_update_user.email,
        fullname = scim_update_user.fullname, resource = scim_update_user.resource
    WHERE s.id = had.id;
    IF identity IS NOT NULL THEN
        DELETE FROM identities i WHERE i.id = had.identity_id;
    END IF;
    UPDATE users u SET fullname = scim_update_user.fullname WHERE u.id = person AND had.fullname <> scim_update_user.fullname;
    UPDATE users u SET email = scim_update_user.email, email_verified_at = now()
    WHERE u.id = person AND owns_domain AND lower(u.email) = lower(had.email) AND u.email <> scim_update_user.email;
END
$$;

-- A directory's user is gone from it: it suspends them, withdraws what it has granted, and forgets them. outcome as above.
CREATE FUNCTION scim_delete_user(directory text, id bigint, expected bigint, OUT outcome text, OUT person bigint) LANGUAGE plpgsql AS $$
DECLARE
    had scim_users;
BEGIN
    SELECT * INTO had FROM scim_users s WHERE (s.directory, s.id) = (scim_delete_user.directory, scim_delete_user.id) FOR UPDATE;
    person := had.user_id;
    outcome := CASE WHEN person IS NULL THEN 'unknown' WHEN had.version <> expected THEN 'changed' ELSE 'deleted' END;
    IF outcome <> 'deleted' THEN
        RETURN;
    END IF;
    PERFORM suspend_by(directory, person);
    PERFORM sync_grants(directory, person, '{}');
    DELETE FROM scim_users s WHERE s.id = had.id;
    DELETE FROM identities i WHERE i.id = had.identity_id AND i.provider = scim_delete_user.directory;
END
$$;

-- A directory's group as it is now, with all its members; a new one without an id. `mapped` and `workspaces`, two lists in
-- step, are the groups whose members join a workspace, by name or external id. outcome: stored, unknown or changed, as
-- above; stranger, if a member is no user of the directory (`stranger` is the first). `people` are the users whom it concerns:
-- those who are in the group, or were.
CREATE FUNCTION scim_store_group(
    directory text, group_id bigint, expected bigint, display_name text, external_id text, members bigint[],
    mapped text[], workspaces bigint[], OUT outcome text, OUT id bigint, OUT stranger bigint, OUT people bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    had scim_groups;
    touched bigint[];
BEGIN
    IF cardinality(members) > most_scim_members() THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'scim_members_amount',
            MESSAGE = format('a group can have at most %s members', most_scim_members());
    END IF;
    IF group_id IS NOT NULL THEN
        SELECT * INTO had FROM scim_groups s WHERE (s.directory, s.id) = (scim_store_group.directory, group_id) FOR UPDATE;
        outcome := CASE WHEN had.id IS NULL THEN 'unknown' WHEN had.version <> expected THEN 'changed' END;
        IF outcome IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    SELECT min(m) INTO stranger FROM unnest(members) m
    WHERE NOT EXISTS (SELECT FROM scim_users s WHERE (s.directory, s.id) = (scim_store_group.directory, m));
    IF stranger IS NOT NULL THEN
        outcome := 'stranger';
        RETURN;
    END IF;
    outcome := 'stored';
    id := group_id;
    IF id IS NULL THEN
        INSERT INTO scim_groups (directory, display_name, external_id)
        VALUES (directory, scim_store_group.display_name, scim_store_group.external_id) RETURNING scim_groups.id INTO id;
    ELSE
        UPDATE scim_groups s SET display_name = scim_store_group.display_name, external_id = scim_store_group.external_id
        WHERE s.id = had.id;
    END IF;
    WITH gone AS (
        DELETE FROM scim_members m WHERE m.group_id = scim_store_group.id AND m.scim_user_id <> ALL (members) RETURNING scim_user_id
    ), fresh AS (
        INSERT INTO scim_members (directory, group_id, scim_user_id)
        SELECT scim_store_group.directory, scim_store_group.id, m FROM unnest(members) m
        ON CONFLICT DO NOTHING RETURNING scim_user_id
    )
    SELECT array_agg(scim_user_id) INTO touched FROM (TABLE gone UNION ALL TABLE fresh) changed;
    -- With another name the group may stand for another workspace, to all of its members.
    IF (had.display_name, had.external_id) IS DISTINCT FROM (scim_store_group.display_name, scim_store_group.external_id) THEN
        touched := touched || members;
    END IF;
    IF ARRAY[had.display_name, had.external_id, display_name, external_id] && mapped THEN
        PERFORM scim_sync_grants(directory, touched, mapped, workspaces);
    END IF;
    people := ARRAY(SELECT s.user_id FROM scim_users s WHERE s.id IN (SELECT unnest(members) UNION SELECT unnest(touched)));
END
$$;

-- A group is gone from a directory. outcome: deleted, unknown or changed; `people` were in it.
CREATE FUNCTION scim_delete_group(
    directory text, id bigint, expected bigint, mapped text[], workspaces bigint[], OUT outcome text, OUT people bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    had scim_groups;
    touched bigint[];
BEGIN
    SELECT * INTO had FROM scim_groups s WHERE (s.directory, s.id) = (scim_delete_group.directory, scim_delete_group.id) FOR UPDATE;
    outcome := CASE WHEN had.id IS NULL THEN 'unknown' WHEN had.version <> expected THEN 'changed' ELSE 'deleted' END;
    IF outcome <> 'deleted' THEN
        RETURN;
    END IF;
    touched := ARRAY(SELECT scim_user_id FROM scim_members WHERE group_id = had.id);
    people := ARRAY(SELECT s.user_id FROM scim_users s WHERE s.id = ANY (touched));
    DELETE FROM scim_groups s WHERE s.id = had.id;
    IF ARRAY[had.display_name, had.external_id] && mapped THEN
        PERFORM scim_sync_grants(directory, touched, mapped, workspaces);
    END IF;
END
$$;

-- Grants some users of a directory what their groups stand for, and withdraws what these no longer do.
CREATE FUNCTION scim_sync_grants(directory text, scim_users bigint[], mapped text[], workspaces bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    fresh_users bigint[];
    fresh_workspaces bigint[];
    gone_users bigint[];
    gone_workspaces bigint[];
BEGIN
    PERFORM lock_source(directory);
    SELECT coalesce(array_agg(w.user_id) FILTER (WHERE g.user_id IS NULL), '{}'),
           coalesce(array_agg(w.workspace_id) FILTER (WHERE g.user_id IS NULL), '{}'),
           coalesce(array_agg(g.user_id) FILTER (WHERE w.user_id IS NULL), '{}'),
           coalesce(array_agg(g.workspace_id) FILTER (WHERE w.user_id IS NULL), '{}')
    INTO fresh_users, fresh_workspaces, gone_users, gone_workspaces
    FROM (SELECT DISTINCT s.user_id, map.workspace_id
          FROM public.scim_users s JOIN scim_members m ON m.scim_user_id = s.id JOIN scim_groups g ON g.id = m.group_id
          JOIN unnest(mapped, workspaces) AS map (name, workspace_id) ON map.name IN (g.display_name, g.external_id)
          WHERE s.id = ANY (scim_sync_grants.scim_users) AND EXISTS (SELECT FROM workspaces WHERE id = map.workspace_id)) w
    FULL JOIN (SELECT user_id, workspace_id FROM membership_grants
               WHERE source = directory AND user_id IN (
                   SELECT s.user_id FROM public.scim_users s WHERE s.id = ANY (scim_sync_grants.scim_users))) g
         USING (user_id, workspace_id);
    PERFORM withdraw_memberships(directory, gone_users, gone_workspaces);
    PERFORM grant_memberships(directory, fresh_users, fresh_workspaces);
END
$$;

-- The ETag of a resource is its version.
CREATE FUNCTION next_scim_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

-- What groups of a directory stand for, to these of its people, or to everybody (null): `named` and `ids`, two lists in step, are the
-- groups, by name or external id, and what each stands for. It goes from the people to their groups, whatever the planner knows of
-- these tables: a directory fills them within minutes.
CREATE FUNCTION scim_stand_for(
    directory text, people bigint[], named text[], INOUT ids bigint[], OUT users bigint[]
) LANGUAGE sql STABLE SET enable_seqscan = off AS $$
    SELECT coalesce(array_agg(map.id), '{}'), coalesce(array_agg(person.id), '{}')
    FROM unnest(coalesce(people, ARRAY(SELECT u.user_id FROM scim_users u WHERE u.directory = scim_stand_for.directory))) AS person (id)
    CROSS JOIN LATERAL (
        SELECT s.id FROM scim_users s WHERE (s.user_id, s.directory) = (person.id, scim_stand_for.directory) OFFSET 0) s
    CROSS JOIN LATERAL (
        SELECT g.display_name, g.external_id FROM scim_members m JOIN scim_groups g ON g.id = m.group_id
        WHERE m.scim_user_id = s.id OFFSET 0) g
    JOIN unnest(named, ids) AS map (name, id) ON map.name IN (g.display_name, g.external_id)
$$;

-- Groups and departments of organisations have those of these people, or of everybody (null), whom the directory's groups have.
CREATE FUNCTION scim_sync_organizations(
    directory text, people bigint[], for_groups text[], groups bigint[], for_departments text[], departments bigint[]
) RETURNS void LANGUAGE sql AS $$
    SELECT sync_groups(scim_sync_organizations.directory, people, said.users, said.ids)
    FROM scim_stand_for(scim_sync_organizations.directory, people, for_groups, groups) said;
    SELECT sync_departments(scim_sync_organizations.directory, people, said.users, said.ids)
    FROM scim_stand_for(scim_sync_organizations.directory, people, for_departments, departments) said
$$;
