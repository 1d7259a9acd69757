-- name: identify(provider, issuer, subject, email, email_verified, owns_domain, may_create, fullname)
-- The user of an identity that a provider has vouched for, how they were found, and the name that it has said before.
SELECT outcome, user_id, identity_id, (SELECT directory_fullname FROM identities WHERE id = identity_id) AS known_name
FROM identify(:provider, :issuer, :subject, :email, :email_verified, :owns_domain, :may_create, :fullname);

-- name: name_follow(identity, fullname)
-- The provider gives this name now: one that has changed there changes here, the first one is remembered alone.
SELECT follow_name(:identity, :fullname);

-- name: identity_add(user, provider, issuer, subject, email, email_verified)
-- Links an identity to a signed-in user; null if it is another user's.
SELECT add_identity(:user, :provider, :issuer, :subject, :email, :email_verified);

-- name: identity_of(provider, issuer, subject)
-- The identity by which a provider knows somebody; null if nobody here has it.
SELECT id FROM identities WHERE (provider, issuer, subject) = (:provider::text, :issuer::text, :subject::text);

-- name: identity_holder(provider, issuer, subject)
-- The user as whom a provider knows somebody; null if nobody here is.
SELECT user_id FROM identities WHERE (provider, issuer, subject) = (:provider::text, :issuer::text, :subject::text);

-- name: use_once(hash, expires_at)
-- Marks something as used; false if it was used before.
SELECT use_once(:hash, :expires_at);

-- name: identities_of_user(user, after, limit)
-- A page of the ways in that are linked to the user, by id.
WITH page AS (
    SELECT id, identity_json(identities) AS item FROM identities
    WHERE user_id = :user AND id > :after
    ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: identity_remove(user, identity)
-- Removes a way in: removed or unknown; refused if it is the only one.
SELECT remove_identity(:user, :identity);

-- name: grants_sync(source, user, workspaces)
-- What a provider says of the user's memberships: all that it grants; null changes nothing.
SELECT sync_grants(:source, :user, :workspaces);

-- name: synchronisations_stopped()
-- The directories, and whether their synchronisation is stopped, since too much of what they had would go.
SELECT source, stopped_at IS NOT NULL AS stopped FROM synchronisations;

-- name: organizations_sync(source, user, groups, departments)
-- In which groups and departments of organisations a source has somebody, all of them. One synchronisation of a source at a
-- time: each locks the chats of several departments.
SELECT sync_groups(:source, ARRAY[:user::bigint], array_fill(:user::bigint, ARRAY[cardinality(:groups::bigint[])]), :groups),
       sync_departments(:source, ARRAY[:user::bigint], array_fill(:user::bigint, ARRAY[cardinality(:departments::bigint[])]), :departments)
FROM lock_source(:source);
