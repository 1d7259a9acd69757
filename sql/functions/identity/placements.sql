-- Groups and departments of organisations that directories of people fill. What each source says is stored, also of people
-- who are not in the organisation: they are placed by the transaction in which they join it. A source touches its own
-- people there alone; those whom somebody has put in by hand stay, and so do another source's.

-- What a source says of groups: users and their groups, two lists in step, of `people`, or of everybody (null). People who
-- are not in the organisation are in none of its groups.
CREATE FUNCTION sync_groups(source text, people bigint[], users bigint[], groups bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    people := coalesce(people, ARRAY(
        SELECT m.user_id FROM group_members m WHERE m.source = sync_groups.source AND m.source <> 'person'
        UNION SELECT p.user_id FROM placements p WHERE p.source = sync_groups.source AND p.group_id IS NOT NULL));
    PERFORM store_placements(source, true, people, ARRAY(
        SELECT ROW(sync_groups.source, given.user_id, given.group_id, NULL)::placements
        FROM unnest(users, sync_groups.groups) AS given (user_id, group_id)));
    DELETE FROM group_members m
    WHERE m.source = sync_groups.source AND m.source <> 'person' AND m.user_id IN (SELECT unnest(people))
      AND NOT EXISTS (SELECT FROM unnest(users, sync_groups.groups) AS given (user_id, group_id)
                      WHERE (given.user_id, given.group_id) = (m.user_id, m.group_id));
    PERFORM place_in_groups(users, sync_groups.groups, sync_groups.source);
END
$$;

-- The same of departments: each of the organisation's people, but no guests, gets an appointment without a position, unless they
-- have one there. What somebody has made of the source's appointment, such as a head's, stays with it.
CREATE FUNCTION sync_departments(source text, people bigint[], users bigint[], departments bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    people := coalesce(people, ARRAY(
        SELECT a.user_id FROM appointments a WHERE a.source = sync_departments.source AND a.source <> 'person'
        UNION SELECT p.user_id FROM placements p WHERE p.source = sync_departments.source AND p.department_id IS NOT NULL));
    PERFORM store_placements(source, false, people, ARRAY(
        SELECT ROW(sync_departments.source, given.user_id, NULL, given.department_id)::placements
        FROM unnest(users, sync_departments.departments) AS given (user_id, department_id)));
    DELETE FROM appointments a
    WHERE a.source = sync_departments.source AND a.source <> 'person' AND a.user_id IN (SELECT unnest(people))
      AND NOT EXISTS (SELECT FROM unnest(users, sync_departments.departments) AS given (user_id, department_id)
                      WHERE (given.user_id, given.department_id) = (a.user_id, a.department_id));
    PERFORM place_in_departments(users, sync_departments.departments, sync_departments.source);
END
$$;

-- Makes the placements of these people, of groups or of departments, those that the source says; and locks the people of whom
-- something new is said.
CREATE FUNCTION store_placements(source text, of_groups boolean, people bigint[], said placements[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM placements p
    WHERE p.source = store_placements.source AND (p.group_id IS NOT NULL) = of_groups AND p.user_id IN (SELECT unnest(people))
      AND NOT EXISTS (SELECT FROM unnest(said) AS given
                      WHERE given.user_id = p.user_id AND (given.group_id = p.group_id OR given.department_id = p.department_id));
    PERFORM lock_placed(ARRAY(
        SELECT given.user_id FROM unnest(said) AS given
        WHERE NOT EXISTS (SELECT FROM placements p
                          WHERE (p.user_id, p.source) = (given.user_id, given.source)
                            AND (p.group_id = given.group_id OR p.department_id = given.department_id))));
    INSERT INTO placements (source, user_id, group_id, department_id)
    SELECT DISTINCT given.source, given.user_id, given.group_id, given.department_id
    FROM unnest(said) AS given JOIN users u ON u.id = given.user_id
    LEFT JOIN groups g ON g.id = given.group_id LEFT JOIN departments d ON d.id = given.department_id
    WHERE num_nonnulls(g.id, d.id) = 1
      AND NOT EXISTS (SELECT FROM placements p
                      WHERE (p.user_id, p.source) = (given.user_id, given.source)
                        AND (p.group_id = given.group_id OR p.department_id = given.department_id))
    ORDER BY 2, 3, 4;
END
$$;

-- Locks people of whom something new is said, as place_people does with those who join: of a synchronisation and a
-- membership that are committed together, the later one sees what the other one has done.
CREATE FUNCTION lock_placed(people bigint[]) RETURNS void LANGUAGE sql AS $$
    SELECT count(*) FROM (SELECT FROM users u WHERE u.id = ANY (people) ORDER BY u.id FOR NO KEY UPDATE) locked
$$;

-- Puts those of these users into these groups, two lists in step, who are in the groups' organisation.
CREATE FUNCTION place_in_groups(users bigint[], groups bigint[], source text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO group_members (group_id, user_id, source)
    SELECT DISTINCT g.id, m.user_id, place_in_groups.source
    FROM unnest(users, place_in_groups.groups) AS given (user_id, group_id) JOIN public.groups g ON g.id = given.group_id
    JOIN organization_members m ON (m.organization_id, m.user_id) = (g.organization_id, given.user_id)
    ORDER BY g.id, m.user_id ON CONFLICT ON CONSTRAINT group_members_pkey DO NOTHING
$$;

-- The same of departments.
CREATE FUNCTION place_in_departments(users bigint[], departments bigint[], source text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO appointments (organization_id, department_id, user_id, source)
    SELECT DISTINCT d.organization_id, d.id, m.user_id, place_in_departments.source
    FROM unnest(users, place_in_departments.departments) AS given (user_id, department_id)
    JOIN public.departments d ON d.id = given.department_id
    JOIN organization_members m ON (m.organization_id, m.user_id) = (d.organization_id, given.user_id) AND m.kind = 'member'
    WHERE NOT EXISTS (SELECT FROM appointments a WHERE (a.department_id, a.user_id) = (d.id, m.user_id)
                                                   AND (a.is_current OR a.source = place_in_departments.source))
    ORDER BY d.id, m.user_id ON CONFLICT ON CONSTRAINT appointments_key DO NOTHING
$$;

-- Puts people of an organisation where directories have them. It is these that do: whoever has brought somebody in need not
-- hold the roles of the place.
CREATE FUNCTION place_people(organization bigint, people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    acting CONSTANT text := coalesce(current_setting('fechatter.actor', true), '');
    said record;
BEGIN
    PERFORM lock_placed(people);
    FOR said IN
        SELECT p.source, array_agg(p.user_id) AS users, array_agg(p.group_id) AS groups, array_agg(p.department_id) AS departments
        FROM placements p LEFT JOIN groups g ON g.id = p.group_id LEFT JOIN departments d ON d.id = p.department_id
        WHERE p.user_id = ANY (people) AND organization IN (g.organization_id, d.organization_id)
        GROUP BY p.source ORDER BY p.source
    LOOP
        PERFORM set_config('fechatter.actor', '', true);
        PERFORM place_in_groups(said.users, said.groups, said.source);
        PERFORM place_in_departments(said.users, said.departments, said.source);
        PERFORM set_config('fechatter.actor', acting, true);
    END LOOP;
END
$$;
