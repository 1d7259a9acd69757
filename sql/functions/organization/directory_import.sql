-- The directory of an organisation from a list, as `fechatter directory import` reads it: an operator's. What it says is kept
-- under the name of its source; what somebody, or another source, has made stays (ADR 51).

-- Makes what the rows say the directory's, and takes away what this source had put there and says no more. `parts` are what the
-- list speaks of ('departments', 'managers'); the rest stays as it is. Returns what it has done, act by act. If too many would
-- go, that is one act, 'stopped', and nothing is done.
CREATE FUNCTION import_directory(organization bigint, source text, rows jsonb, parts text[], forced boolean DEFAULT false)
RETURNS TABLE (act text, about text) LANGUAGE plpgsql AS $$
DECLARE
    had bigint;
    going bigint;
BEGIN
    PERFORM FROM organizations o WHERE o.id = organization FOR NO KEY UPDATE;
    PERFORM lock_source(source);
    CREATE TEMP TABLE import_acts (place bigint GENERATED ALWAYS AS IDENTITY, act text, about text) ON COMMIT DROP;
    CREATE TEMP TABLE import_rows ON COMMIT DROP AS
        SELECT r.*, u.id AS user_id, NULL::bigint AS department_id, NULL::bigint AS position_id
        FROM jsonb_to_recordset(rows) AS r (email text, external_id text, department text[], "position" text, is_head boolean,
                                            is_primary boolean, manager text)
        LEFT JOIN users u ON lower(u.email) = lower(r.email) AND may_name(organization, u.id);
    CREATE INDEX ON import_rows (user_id);
    CREATE TEMP TABLE import_paths ON COMMIT DROP AS
        SELECT t.department_id, array_agg(above.name ORDER BY t.depth DESC) AS path
        FROM department_tree t JOIN departments above ON above.id = t.ancestor_id
        WHERE above.organization_id = organization GROUP BY t.department_id;
    CREATE INDEX ON import_paths (path);
    CREATE INDEX ON import_paths (department_id);
    ANALYZE import_rows, import_paths;
    INSERT INTO import_acts (act, about)
        SELECT DISTINCT 'person without an account', email FROM import_rows WHERE user_id IS NULL ORDER BY email;
    SELECT a.amount + m.amount, a.going + m.going INTO had, going FROM
        (SELECT count(*) AS amount, count(*) FILTER (WHERE 'departments' = ANY (parts) AND NOT EXISTS (
             SELECT FROM import_rows r JOIN import_paths d ON d.path = r.department
             WHERE r.user_id = a.user_id AND d.department_id = a.department_id
                AND r."position" IS NOT DISTINCT FROM (SELECT p.name FROM positions p WHERE p.id = a.position_id))) AS going
         FROM appointments a WHERE a.organization_id = organization AND a.source = import_directory.source) a,
        (SELECT count(*) AS amount, count(*) FILTER (WHERE NOT EXISTS (SELECT FROM import_rows r WHERE r.user_id = m.user_id)) AS going
         FROM organization_members m WHERE m.organization_id = organization AND m.source = import_directory.source) m;
    IF note_synchronisation(source, had, going, forced) THEN
        RETURN QUERY SELECT 'stopped', format('%s of %s people and appointments of %s would go', going, had, source);
        RETURN;
    END IF;
    PERFORM import_people(organization, source);
    IF 'departments' = ANY (parts) THEN
        PERFORM import_departments(organization, source);
        PERFORM import_appointments(organization, source);
    END IF;
    IF 'managers' = ANY (parts) THEN
        PERFORM import_managers(organization);
    END IF;
    PERFORM import_leave(organization, source, 'departments' = ANY (parts));
    RETURN QUERY SELECT a.act, a.about FROM import_acts a ORDER BY a.place;
    DROP TABLE import_rows, import_paths, import_acts;
END
$$;

-- The same of a list that an admin uploads, whose rows are kept under the organisation's own name for lists.
CREATE FUNCTION import_list(organization bigint, rows jsonb, parts text[], forced boolean) RETURNS TABLE (act text, about text) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT i.act, i.about FROM import_directory(organization, list_source(organization), rows, parts, forced) i;
END
$$;

-- Whether a list may put somebody into the organisation: an operator's puts everybody, an admin's those who are there or share a
-- workspace with the admin. All others are to it as if they had no account.
CREATE FUNCTION may_name(organization bigint, person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT acting_user() IS NULL OR person = acting_user() OR shares_workspace(acting_user(), person)
        OR EXISTS (SELECT FROM organization_members m WHERE m.organization_id = organization AND m.user_id = person)
$$;

-- The names from the uppermost department to this one.
CREATE FUNCTION department_path(department bigint) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(d.name ORDER BY t.depth DESC) FROM department_tree t JOIN departments d ON d.id = t.ancestor_id
    WHERE t.department_id = department
$$;

-- Those of the rows who have an account are the organisation's people; who is there already stays as they are.
CREATE FUNCTION import_people(organization bigint, source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH added AS (
        INSERT INTO organization_members (organization_id, user_id, source, external_id)
        SELECT organization, user_id, import_people.source, max(external_id) FROM import_rows WHERE user_id IS NOT NULL
        GROUP BY user_id ORDER BY user_id ON CONFLICT (organization_id, user_id) DO NOTHING RETURNING user_id
    ), renamed AS (
        UPDATE organization_members m SET external_id = r.external_id
        FROM (SELECT user_id, max(external_id) AS external_id FROM import_rows GROUP BY user_id) r
        WHERE m.organization_id = organization AND m.source = import_people.source AND m.user_id = r.user_id
          AND r.external_id IS NOT NULL AND m.external_id IS DISTINCT FROM r.external_id RETURNING m.user_id
    )
    INSERT INTO import_acts (act, about)
    SELECT done.act, u.email FROM (
        SELECT 'person added' AS act, user_id FROM added UNION ALL SELECT 'external id changed', user_id FROM renamed) done
    JOIN users u ON u.id = done.user_id ORDER BY done.act, u.email;
END
$$;

-- The departments of the rows, from the top down, and their positions.
CREATE FUNCTION import_departments(organization bigint, source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR level IN 1 .. (SELECT coalesce(max(cardinality(department)), 0) FROM import_rows) LOOP
        WITH wanted AS (
            SELECT DISTINCT r.department[: level] AS path, r.department[level] AS name, parent.department_id AS parent_id
            FROM import_rows r LEFT JOIN import_paths parent ON parent.path = r.department[: level - 1]
            WHERE cardinality(r.department) >= level AND NOT EXISTS (SELECT FROM import_paths d WHERE d.path = r.department[: level])
        ), added AS (
            INSERT INTO departments (organization_id, parent_id, name, source)
            SELECT organization, w.parent_id, w.name, import_departments.source FROM wanted w ORDER BY w.path
            RETURNING id, parent_id, name
        ), known AS (
            INSERT INTO import_paths (department_id, path) SELECT added.id, w.path FROM added JOIN wanted w
                ON w.name = added.name AND coalesce(w.parent_id, 0) = coalesce(added.parent_id, 0) RETURNING path
        )
        INSERT INTO import_acts (act, about) SELECT 'department added', array_to_string(path, ' / ') FROM known ORDER BY path;
    END LOOP;
    ANALYZE import_paths;
    WITH added AS (
        INSERT INTO positions (organization_id, name) SELECT DISTINCT organization, r."position" FROM import_rows r
        WHERE r."position" IS NOT NULL ON CONFLICT (organization_id, name) DO NOTHING RETURNING name
    )
    INSERT INTO import_acts (act, about) SELECT 'position added', name FROM added ORDER BY name;
    UPDATE import_rows r SET department_id = d.department_id FROM import_paths d WHERE d.path = r.department;
    UPDATE import_rows r SET position_id = p.id FROM positions p WHERE p.organization_id = organization AND p.name = r."position";
END
$$;

-- Appointments: of this source those that the rows have not end first, so that another one can be primary. One that somebody has
-- made by hand stays as it is, and so does their choice of the primary one.
CREATE FUNCTION import_appointments(organization bigint, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    own CONSTANT text := import_appointments.source;
BEGIN
    WITH ended AS (
        DELETE FROM appointments a WHERE a.organization_id = organization AND a.source = own AND NOT EXISTS (
            SELECT FROM import_rows r WHERE r.user_id = a.user_id AND r.department_id = a.department_id
                                        AND r.position_id IS NOT DISTINCT FROM a.position_id)
        RETURNING a.user_id, a.department_id, a.position_id
    )
    INSERT INTO import_acts (act, about)
    SELECT 'appointment ended', appointment_said(user_id, department_id, position_id) FROM ended ORDER BY 2;
    UPDATE appointments a SET is_primary = false WHERE a.organization_id = organization AND a.source = own AND a.is_primary
        AND NOT EXISTS (SELECT FROM import_rows r WHERE r.user_id = a.user_id AND r.department_id = a.department_id
                                                    AND r.position_id IS NOT DISTINCT FROM a.position_id AND r.is_primary);
    WITH wanted AS (
        SELECT r.user_id, r.department_id, r.position_id, bool_or(coalesce(r.is_head, false)) AS is_head,
               bool_or(coalesce(r.is_primary, false)) AND NOT EXISTS (
                   SELECT FROM appointments a WHERE a.organization_id = organization AND a.user_id = r.user_id AND a.is_primary
                      AND (a.source <> own OR (a.department_id, coalesce(a.position_id, 0)) <> (r.department_id, coalesce(r.position_id, 0)))
               ) AS is_primary
        FROM import_rows r WHERE r.user_id IS NOT NULL AND r.department_id IS NOT NULL GROUP BY 1, 2, 3
    ), changed AS (
        UPDATE appointments a SET is_head = w.is_head, is_primary = w.is_primary FROM wanted w
        WHERE a.organization_id = organization AND a.source = own AND a.user_id = w.user_id AND a.department_id = w.department_id
          AND a.position_id IS NOT DISTINCT FROM w.position_id AND (a.is_head, a.is_primary) <> (w.is_head, w.is_primary)
        RETURNING a.user_id, a.department_id, a.position_id
    ), made AS (
        INSERT INTO appointments (organization_id, department_id, user_id, position_id, is_head, is_primary, source)
        SELECT organization, department_id, user_id, position_id, is_head, is_primary, own FROM wanted
        ORDER BY user_id, department_id ON CONFLICT ON CONSTRAINT appointments_key DO NOTHING
        RETURNING user_id, department_id, position_id
    )
    INSERT INTO import_acts (act, about)
    SELECT done.act, appointment_said(user_id, department_id, position_id) FROM (
        SELECT 'appointment changed' AS act, * FROM changed UNION ALL SELECT 'appointment made', * FROM made) done ORDER BY 1, 2;
END
$$;

CREATE FUNCTION appointment_said(person bigint, department bigint, "position" bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat((SELECT email FROM users WHERE id = person), ' in ', array_to_string(department_path(department), ' / '),
                  ' as ' || (SELECT name FROM positions p WHERE p.id = "position"))
$$;

-- Each person's manager, or none where the rows say that there is none. Both are of the organisation.
CREATE FUNCTION import_managers(organization bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH wanted AS (
        SELECT r.user_id, max(m.user_id) AS manager_id FROM import_rows r LEFT JOIN users u ON lower(u.email) = lower(r.manager)
        LEFT JOIN organization_members m ON m.organization_id = organization AND m.user_id = u.id
        WHERE r.user_id IS NOT NULL GROUP BY r.user_id HAVING max(r.manager) IS NULL OR max(m.user_id) IS NOT NULL
    ), changed AS (
        UPDATE organization_members m SET manager_id = w.manager_id FROM wanted w
        WHERE m.organization_id = organization AND m.user_id = w.user_id AND m.manager_id IS DISTINCT FROM w.manager_id
        RETURNING m.user_id, m.manager_id
    )
    INSERT INTO import_acts (act, about)
    SELECT 'manager changed', concat(u.email, ' has ', coalesce((SELECT email FROM users WHERE id = c.manager_id), 'none'))
    FROM changed c JOIN users u ON u.id = c.user_id ORDER BY u.email;
END
$$;

-- People of this source who are in no row leave, and departments of it that no row has, and that are empty, go from below.
CREATE FUNCTION import_leave(organization bigint, source text, departments boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    own CONSTANT text := import_leave.source;
BEGIN
    WITH gone AS (
        DELETE FROM organization_members m WHERE m.organization_id = organization AND m.source = own AND m.role = 'member'
            AND NOT EXISTS (SELECT FROM import_rows r WHERE r.user_id = m.user_id) RETURNING m.user_id
    )
    INSERT INTO import_acts (act, about)
    SELECT 'person removed', u.email FROM gone JOIN users u ON u.id = gone.user_id ORDER BY u.email;
    WHILE departments LOOP
        WITH kept AS MATERIALIZED (
            SELECT DISTINCT r.department[: level] AS path FROM import_rows r, generate_series(1, cardinality(r.department)) AS level
        ), empty AS MATERIALIZED (
            SELECT d.id, p.path FROM public.departments d JOIN import_paths p ON p.department_id = d.id
            WHERE d.organization_id = organization AND d.source = own
              AND NOT EXISTS (SELECT FROM public.departments below WHERE below.parent_id = d.id)
              AND NOT EXISTS (SELECT FROM appointments a WHERE a.department_id = d.id)
              AND NOT EXISTS (SELECT FROM kept WHERE kept.path = p.path)
        ), gone AS (
            DELETE FROM public.departments d USING empty WHERE d.id = empty.id RETURNING empty.path
        )
        INSERT INTO import_acts (act, about) SELECT 'department removed', array_to_string(path, ' / ') FROM gone ORDER BY path;
        EXIT WHEN NOT FOUND;
    END LOOP;
END
$$;
