-- name: scim_user_create(directory, way_in, issuer, subject, email, domains, may_create, fullname, active, resource)
-- A new user of a directory, and how the person was found.
SELECT outcome, id, person FROM scim_create_user(
    :directory, :way_in, :issuer, :subject, :email, :domains, :may_create, :fullname, :active, :resource);

-- name: scim_user_update(directory, id, version, way_in, issuer, subject, email, domains, fullname, active, resource)
-- What a directory says of its user now: updated, unknown, changed, unowned or taken.
SELECT outcome, person FROM scim_update_user(
    :directory, :id, :version, :way_in, :issuer, :subject, :email, :domains, :fullname, :active, :resource);

-- name: scim_user_delete(directory, id, version)
-- A user is gone from a directory: deleted, unknown or changed.
SELECT outcome, person FROM scim_delete_user(:directory, :id, :version);

-- name: scim_user(directory, id)
-- A user of a directory; null if it has none of this id.
SELECT scim_user_json(scim_users)::text FROM scim_users WHERE (directory, id) = (:directory::text, :id::bigint);

-- name: scim_users_page(directory, after, limit)
-- A page of the users of a directory, by id.
SELECT scim_user_json(scim_users)::text AS item FROM scim_users
WHERE directory = :directory ORDER BY id OFFSET :after LIMIT :limit;

-- name: scim_users_total(directory)
-- How many users a directory has.
SELECT count(*) FROM scim_users WHERE directory = :directory;

-- name: scim_users_found(directory, user_name, external_id, id, limit)
-- Users of a directory of whom one of these is known; nothing is known of those that all three nulls ask for.
WITH found AS (
    SELECT id FROM scim_users WHERE directory = :directory AND user_name = lower(:user_name::text)
    UNION
    SELECT id FROM scim_users WHERE directory = :directory AND external_id = :external_id::text
    UNION
    SELECT id FROM scim_users WHERE directory = :directory AND id = :id::bigint
    UNION
    (SELECT id FROM scim_users
     WHERE directory = :directory AND num_nonnulls(:user_name::text, :external_id::text, :id::bigint) = 0 ORDER BY id LIMIT :limit)
)
SELECT scim_user_json(scim_users)::text AS item FROM found JOIN scim_users USING (id) ORDER BY id LIMIT :limit;

-- name: scim_group_store(directory, id, version, display_name, external_id, members, mapped, workspaces)
-- A directory's group with all its members: stored, unknown, changed or stranger.
SELECT outcome, id, stranger, people FROM scim_store_group(
    :directory, :id, :version, :display_name, :external_id, :members, :mapped, :workspaces);

-- name: scim_group_delete(directory, id, version, mapped, workspaces)
-- A group is gone from a directory: deleted, unknown or changed.
SELECT outcome, people FROM scim_delete_group(:directory, :id, :version, :mapped, :workspaces);

-- name: scim_group(directory, id, with_members)
-- A group of a directory; null if it has none of this id.
SELECT scim_group_json(scim_groups, :with_members)::text FROM scim_groups WHERE (directory, id) = (:directory::text, :id::bigint);

-- name: scim_groups_page(directory, after, limit)
-- A page of the groups of a directory, by id, without their members.
SELECT scim_group_json(scim_groups, false)::text AS item FROM scim_groups
WHERE directory = :directory ORDER BY id OFFSET :after LIMIT :limit;

-- name: scim_groups_total(directory)
-- How many groups a directory has.
SELECT count(*) FROM scim_groups WHERE directory = :directory;

-- name: scim_groups_found(directory, display_name, external_id, id, limit)
-- Groups of a directory, without their members, of which one of these is known; nothing is known of those that all three
-- nulls ask for.
WITH found AS (
    SELECT id FROM scim_groups WHERE directory = :directory AND lower(display_name) = lower(:display_name::text)
    UNION
    SELECT id FROM scim_groups WHERE directory = :directory AND external_id = :external_id::text
    UNION
    SELECT id FROM scim_groups WHERE directory = :directory AND id = :id::bigint
    UNION
    (SELECT id FROM scim_groups
     WHERE directory = :directory AND num_nonnulls(:display_name::text, :external_id::text, :id::bigint) = 0 ORDER BY id LIMIT :limit)
)
SELECT scim_group_json(scim_groups, false)::text AS item FROM found JOIN scim_groups USING (id) ORDER BY id LIMIT :limit;

-- name: scim_members(directory, groups)
-- The members of some groups of a directory: of the first ones, by id, as far as they are together no more than a group
-- can have.
SELECT id, scim_members_json(id)::text AS members
FROM (SELECT g.id, sum((SELECT count(*) FROM scim_members m WHERE m.group_id = g.id)) OVER (ORDER BY g.id) AS amount
      FROM scim_groups g WHERE g.directory = :directory AND g.id = ANY (:groups)) counted
WHERE amount <= most_scim_members()
ORDER BY id;

-- name: scim_user_locked(directory, id)
-- The same, locked against other changes until the transaction ends.
SELECT scim_user_json(scim_users)::text FROM scim_users WHERE (directory, id) = (:directory::text, :id::bigint) FOR UPDATE;

-- name: scim_group_locked(directory, id, with_members)
-- A group, locked likewise.
SELECT scim_group_json(scim_groups, :with_members)::text FROM scim_groups WHERE (directory, id) = (:directory::text, :id::bigint) FOR UPDATE;

-- name: scim_turn(directory)
-- Waits until no other transaction changes what this directory says or grants, before anything else is locked.
SELECT lock_source(:directory);

-- name: scim_organizations_sync(directory, people, for_groups, groups, for_departments, departments)
-- Groups and departments of organisations that groups of a directory stand for have those of these people, or of everybody
-- (null), whom these have.
SELECT scim_sync_organizations(:directory, :people, :for_groups, :groups, :for_departments, :departments);
