-- The tree of departments, and who is what in it.

CREATE FUNCTION department_json(d departments) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT d.id, d.organization_id, d.parent_id, d.name, d.place, d.hidden, d.source, d.external_id, d.created_at, d.updated_at
    ) shape
$$;

CREATE FUNCTION position_json(p positions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT p.id, p.organization_id, p.name) shape
$$;

CREATE FUNCTION appointment_json(a appointments) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT a.id, a.organization_id, a.department_id, a.user_id, a.position_id, a.is_head, a.is_primary, a.starts_at, a.ends_at, a.is_current
    ) shape
$$;

CREATE FUNCTION group_json(g groups) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT g.id, g.organization_id, g.name, g.description, g.source, g.external_id,
               (SELECT count(*) FROM group_members m WHERE m.group_id = g.id) AS member_count, g.created_at, g.updated_at
    ) shape
$$;

-- Whether an appointment has begun and not ended.
CREATE FUNCTION is_within(starts_at timestamptz, ends_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(starts_at <= now(), true) AND coalesce(ends_at > now(), true)
$$;

-- The way up from each of these departments, itself first. It ends above the depth that a tree may have, in a circle too.
CREATE FUNCTION way_up(departments bigint[]) RETURNS TABLE (department_id bigint, ancestor_id bigint, depth integer)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (
        SELECT d.id AS department_id, d.id AS ancestor_id, d.parent_id, 0 AS depth FROM departments d WHERE d.id = ANY (departments)
        UNION ALL
        SELECT up.department_id, d.id, d.parent_id, up.depth + 1 FROM up JOIN departments d ON d.id = up.parent_id WHERE up.depth < 15
    )
    SELECT department_id, ancestor_id, depth FROM up
$$;

-- Refuses these departments if one of them is below itself, or deeper than a tree may be.
CREATE FUNCTION refuse_circle(departments bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT * INTO wrong FROM way_up(departments) WHERE depth > 0 AND (ancestor_id = department_id OR depth > 14)
    ORDER BY ancestor_id = department_id DESC LIMIT 1;
    IF wrong.ancestor_id = wrong.department_id THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'department_is_below_itself',
            MESSAGE = format('department %s would be below itself', wrong.department_id);
    ELSIF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'departments_depth',
            MESSAGE = format('department %s would be deeper than 15 levels', wrong.department_id);
    END IF;
END
$$;
