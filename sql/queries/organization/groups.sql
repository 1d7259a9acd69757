-- name: groups_of(organization, user, all, after, limit)
-- A page of the groups, by id; counted are those whom the user finds in the directory, all of them if it says so.
WITH page AS (
    SELECT g.id, CASE WHEN :all THEN group_json(g)::jsonb ELSE jsonb_set(group_json(g)::jsonb, '{member_count}', to_jsonb((
               SELECT count(*) FROM group_members gm JOIN organization_members m USING (organization_id, user_id)
               WHERE gm.group_id = g.id AND finds_person(m, :user)))) END AS item
    FROM groups g WHERE organization_id = :organization AND g.id > :after ORDER BY g.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: group_create(organization, name, description, external_id)
-- A new group.
INSERT INTO groups (organization_id, name, description, external_id) VALUES (:organization, :name, :description, :external_id)
RETURNING group_json(groups)::text;

-- name: group_update(organization, group, name, description)
-- Null leaves a name or description as it is.
UPDATE groups SET name = coalesce(:name, name), description = coalesce(:description, description)
WHERE id = :group AND organization_id = :organization RETURNING group_json(groups)::text;

-- name: group_delete(organization, group)
-- Deletes it.
DELETE FROM groups WHERE id = :group AND organization_id = :organization RETURNING id;

-- name: group_members(organization, group, user, all, after, limit)
-- A page of those of a group's people whom the user finds in the directory, by user id; of all of them if it says so.
WITH page AS (
    SELECT m.user_id AS id, row_to_json(shape) AS item
    FROM group_members m CROSS JOIN LATERAL (
        SELECT m.group_id, m.user_id, username, fullname FROM users WHERE users.id = m.user_id) shape
    WHERE m.group_id = :group AND m.organization_id = :organization AND m.user_id > :after
      AND (:all OR EXISTS (SELECT FROM organization_members om WHERE (om.organization_id, om.user_id) = (m.organization_id, m.user_id)
                                                                AND finds_person(om, :user)))
    ORDER BY m.user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: group_member_put(organization, group, user)
-- Puts one of the organisation's people into a group; null if there is no such group.
WITH found AS (SELECT id FROM groups WHERE id = :group AND organization_id = :organization),
     put AS (INSERT INTO group_members (group_id, user_id) SELECT id, :user FROM found ON CONFLICT DO NOTHING)
SELECT id FROM found;

-- name: group_member_take(organization, group, user)
-- Takes somebody out of a group.
DELETE FROM group_members WHERE group_id = :group AND organization_id = :organization AND user_id = :user;
