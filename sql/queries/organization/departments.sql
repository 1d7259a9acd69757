-- name: departments(organization, user, all, after, limit)
-- A page of the departments that the user may see, by id; all of them if it says so.
WITH page AS (
    SELECT d.id, department_json(CASE WHEN :all OR d.parent_id IS NULL OR sees_department(d.parent_id, :user) THEN d
                                      ELSE jsonb_populate_record(d, '{"parent_id": null}') END) AS item FROM departments d
    WHERE d.organization_id = :organization AND d.id > :after AND (:all OR sees_department(d.id, :user))
    ORDER BY d.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: department_create(organization, parent, name, place, hidden, external_id)
-- A new department.
INSERT INTO departments (organization_id, parent_id, name, place, hidden, external_id)
VALUES (:organization, :parent, :name, :place, :hidden, :external_id) RETURNING department_json(departments)::text;

-- name: department_update(organization, department, set_parent, parent, name, place, hidden)
-- Null leaves a name, a place or hidden as it is; it is moved if set_parent says so, to the top too.
UPDATE departments SET parent_id = CASE WHEN :set_parent THEN :parent ELSE parent_id END,
    name = coalesce(:name, name), place = coalesce(:place, place), hidden = coalesce(:hidden, hidden)
WHERE id = :department AND organization_id = :organization RETURNING department_json(departments)::text;

-- name: department_delete(organization, department)
-- Deletes one that is empty.
DELETE FROM departments WHERE id = :department AND organization_id = :organization RETURNING id;

-- name: positions_of(organization, after, limit)
-- A page of the positions, by id.
WITH page AS (
    SELECT p.id, position_json(p) AS item FROM positions p
    WHERE organization_id = :organization AND p.id > :after ORDER BY p.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: position_create(organization, name)
-- A new position.
INSERT INTO positions (organization_id, name) VALUES (:organization, :name) RETURNING position_json(positions)::text;

-- name: position_rename(organization, position, name)
-- Names it anew.
UPDATE positions SET name = :name WHERE id = :position AND organization_id = :organization RETURNING position_json(positions)::text;

-- name: position_delete(organization, position)
-- Deletes it; who had it has none.
DELETE FROM positions WHERE id = :position AND organization_id = :organization RETURNING id;

-- name: appointments_of(organization, user, all, department, below, after, limit)
-- A page of the appointments in a department that the user may see, and below it if that is asked for, by id.
WITH hidden AS MATERIALIZED (
    SELECT CASE WHEN :all THEN '{}' ELSE hidden_fields(:user, :organization) END AS fields
), page AS (
    SELECT a.id, appointment_json(narrowed(a, CASE WHEN a.user_id = :user THEN '{}' ELSE fields END)) AS item
    FROM department_tree t JOIN appointments a ON a.department_id = t.department_id CROSS JOIN hidden
    WHERE t.ancestor_id = :department AND (:below OR t.depth = 0) AND a.organization_id = :organization AND a.id > :after
      AND (:all OR a.is_current AND sees_department(a.department_id, :user))
    ORDER BY a.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: appointment_create(organization, department, user, position, is_head, is_primary, starts_at, ends_at)
-- A new appointment.
INSERT INTO appointments (organization_id, department_id, user_id, position_id, is_head, is_primary, starts_at, ends_at)
VALUES (:organization, :department, :user, :position, :is_head, :is_primary, :starts_at, :ends_at)
RETURNING appointment_json(appointments)::text;

-- name: appointment_update(organization, appointment, department, position, is_head, is_primary, starts_at, ends_at)
-- Null leaves a department, is_head or is_primary as it is; position and times are set, to null too.
UPDATE appointments SET department_id = coalesce(:department, department_id), position_id = :position,
    is_head = coalesce(:is_head, is_head), is_primary = coalesce(:is_primary, is_primary), starts_at = :starts_at, ends_at = :ends_at
WHERE id = :appointment AND organization_id = :organization RETURNING appointment_json(appointments)::text;

-- name: appointment_delete(organization, appointment)
-- Ends it for good.
DELETE FROM appointments WHERE id = :appointment AND organization_id = :organization RETURNING id;

-- name: department_chats(organization, after, limit)
-- A page of the chats that follow departments of the organisation, by their id.
WITH page AS (
    SELECT f.chat_id AS id, department_chat_json(f) AS item FROM department_chats f JOIN departments d ON d.id = f.department_id
    WHERE d.organization_id = :organization AND f.chat_id > :after ORDER BY f.chat_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: department_chat_put(organization, department, chat, with_below)
-- Lets a chat follow a department from now on.
INSERT INTO department_chats (chat_id, department_id, with_below)
SELECT :chat, id, :with_below FROM departments WHERE id = :department AND organization_id = :organization
ON CONFLICT (chat_id) DO UPDATE SET department_id = excluded.department_id, with_below = excluded.with_below
RETURNING department_chat_json(department_chats)::text;

-- name: department_chat_take(organization, department, chat)
-- From here on the chat follows it no more.
DELETE FROM department_chats USING departments d
WHERE chat_id = :chat AND department_id = :department AND d.id = department_id AND d.organization_id = :organization;

-- name: appointments_turn()
-- Marks those that have begun or ended since they were marked.
UPDATE appointments SET is_current = is_within(starts_at, ends_at)
WHERE (starts_at IS NOT NULL OR ends_at IS NOT NULL) AND is_current <> is_within(starts_at, ends_at) RETURNING id;
