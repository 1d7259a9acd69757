-- name: people_of_organization(organization, user, all, words, patterns, department, position, after, limit)
-- A page of the people whom the user finds in the directory, by id: each word is in their full or user name, matches the
-- name by its pattern (null: it has none), or is in the name of a department or position that they have there. With what
-- the user may see of them, by which they are searched too. All of it, guests too, if it says so.
WITH hidden AS MATERIALIZED (
    SELECT CASE WHEN :all THEN '{}' ELSE hidden_fields(:user, :organization) END AS fields
), page AS (
    SELECT m.user_id AS id, directory_person_json(narrowed(m, hides), narrowed(users, hides), shown) AS item
    FROM organization_members m JOIN users ON users.id = m.user_id CROSS JOIN hidden
    CROSS JOIN LATERAL (SELECT CASE WHEN m.user_id = :user THEN '{}' ELSE fields END AS hides) narrow
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(narrowed(a, hides) ORDER BY a.is_primary DESC, a.id), '{}') AS shown FROM appointments a
        WHERE a.organization_id = m.organization_id AND a.user_id = m.user_id AND a.is_current
          AND (:all OR sees_department(a.department_id, :user))
    ) seen
    WHERE m.organization_id = :organization AND m.user_id > :after AND users.status = 'active'
      AND (:all OR finds_person(m, :user))
      AND (:department::bigint IS NULL OR EXISTS (
               SELECT FROM unnest(shown) a JOIN department_tree t ON t.department_id = a.department_id WHERE t.ancestor_id = :department))
      AND (:position::bigint IS NULL OR EXISTS (SELECT FROM unnest(shown) a WHERE a.position_id = :position))
      AND is_meant(users, shown, :words, :patterns)
    ORDER BY m.user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;
