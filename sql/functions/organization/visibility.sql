-- What members see of the directory: hidden departments, and rules that narrow it. Admins see all of it, and everybody themselves.

CREATE FUNCTION visibility_rule_json(r visibility_rules) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT r.id, r.organization_id, r.department_id, r.confined, r.hidden_fields, r.created_at) shape
$$;

-- The rules for a viewer: for all, and for those departments that they are in or below.
CREATE FUNCTION rules_for(viewer bigint, organization bigint) RETURNS SETOF visibility_rules LANGUAGE sql STABLE ROWS 2 AS $$
    SELECT r.* FROM visibility_rules r
    WHERE r.organization_id = organization AND (r.department_id IS NULL OR EXISTS (
        SELECT FROM appointments a JOIN department_tree t ON t.department_id = a.department_id
        WHERE a.organization_id = organization AND a.user_id = viewer AND a.is_current AND t.ancestor_id = r.department_id))
$$;

CREATE FUNCTION is_confined(viewer bigint, organization bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM rules_for(viewer, organization) WHERE confined)
$$;

-- The fields of others that a viewer does not see: of several rules, what any of them hides.
CREATE FUNCTION hidden_fields(viewer bigint, organization bigint) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT field), '{}') FROM rules_for(viewer, organization) r, unnest(r.hidden_fields) AS field
$$;

-- Whether a person of its organisation sees a department: neither it nor one above it is hidden, or they are in or below
-- the hidden one themselves; and if a rule confines them, they are in it or above it.
CREATE FUNCTION sees_department(department bigint, viewer bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM department_tree above JOIN departments d ON d.id = above.ancestor_id
        WHERE above.department_id = department AND d.hidden
          AND NOT EXISTS (SELECT FROM appointments a JOIN department_tree own ON own.department_id = a.department_id
                          WHERE a.organization_id = d.organization_id AND a.user_id = viewer AND a.is_current AND own.ancestor_id = d.id))
    AND (NOT EXISTS (SELECT FROM departments d WHERE d.id = department AND is_confined(viewer, d.organization_id))
         OR EXISTS (SELECT FROM appointments a JOIN department_tree below ON below.ancestor_id = a.department_id
                    WHERE a.user_id = viewer AND a.is_current AND below.department_id = department))
$$;

-- Whether a viewer finds a person in the directory: themselves; and members and bots with a department that they see, or with none,
-- unless a rule confines the viewer.
CREATE FUNCTION finds_person(m organization_members, viewer bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT m.user_id = viewer OR m.kind <> 'guest' AND (
        EXISTS (SELECT FROM appointments a WHERE a.organization_id = m.organization_id AND a.user_id = m.user_id AND a.is_current
                                             AND sees_department(a.department_id, viewer))
        OR NOT is_confined(viewer, m.organization_id) AND NOT EXISTS (
            SELECT FROM appointments a WHERE a.organization_id = m.organization_id AND a.user_id = m.user_id AND a.is_current))
$$;

-- Rows of somebody without the fields that a viewer does not see.
CREATE FUNCTION narrowed(a appointments, hides text[]) RETURNS appointments LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN 'position' = ANY (hides) THEN jsonb_populate_record(a, '{"position_id": null}') ELSE a END
$$;
CREATE FUNCTION narrowed(m organization_members, hides text[]) RETURNS organization_members LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN 'manager' = ANY (hides) THEN jsonb_populate_record(m, '{"manager_id": null}') ELSE m END
$$;
CREATE FUNCTION narrowed(u users, hides text[]) RETURNS users LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN 'custom_status' = ANY (hides)
                THEN jsonb_populate_record(u, '{"status_text": null, "status_emoji": null, "status_until": null}') ELSE u END
$$;

-- Whether each word finds a person: it is in their full or user name, matches the name by its pattern (null: it has none), or is
-- in the name of a department or position of these appointments.
CREATE FUNCTION is_meant(u users, shown appointments[], words text[], patterns text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM unnest(words, patterns) AS said (word, pattern)
        WHERE position(fold_name(word) IN fold_name(u.fullname)) = 0
          AND position(fold_name(word) IN fold_name(u.username)) = 0
          AND (pattern IS NULL OR lower(u.fullname) !~ pattern)
          AND NOT EXISTS (
              SELECT FROM unnest(shown) a JOIN departments d ON d.id = a.department_id LEFT JOIN positions p ON p.id = a.position_id
              WHERE position(fold_name(word) IN fold_name(d.name)) > 0 OR position(fold_name(word) IN fold_name(p.name)) > 0))
$$;
