-- name: clerk_note(kind, object, member, gone, changed_at)
-- Records what Clerk says of an object; false if it is no news. Null as the time: gone for good.
SELECT clerk_note(:kind, :object, :member, :gone, :changed_at);

-- name: clerk_lock_objects(kinds, objects)
-- Waits for news of these objects that are being applied, and has others wait. Always in this order, whoever asks.
SELECT count(pg_advisory_xact_lock(key)) FROM (
    SELECT DISTINCT clerk_lock(kind, id) AS key, array_position('{session,user,organization,membership}', kind) AS place
    FROM unnest(:kinds::text[], :objects::text[]) AS object (kind, id) ORDER BY place, key OFFSET 0
) in_order;

-- name: clerk_note_members(organization, members, changed_at, known, known_at)
-- Records a whole list of members, with when each membership changed; null: there is no such organization. `known` were
-- known as members before the list was read.
SELECT clerk_note_members(:organization, :members, :changed_at, :known, :known_at);

-- name: clerk_members(organizations)
-- Who is known as a member, and of when that news is.
SELECT id AS organization, array_agg(member) AS members, array_agg(changed_at) AS changed_at FROM clerk_objects
WHERE kind = 'membership' AND id = ANY (:organizations) AND NOT gone GROUP BY id;

-- name: clerk_banned()
-- Users who are known to be gone, and may come back.
SELECT id FROM clerk_objects WHERE kind = 'user' AND gone AND changed_at < 'infinity';

-- name: clerk_known(issuer, subject)
-- Who somebody at Clerk is here: the user and the identity.
SELECT user_id, id AS identity_id FROM identities WHERE (provider, issuer, subject) = ('clerk', :issuer, :subject);

-- name: clerk_address_set(identity, email, email_verified)
-- Remembers the address that Clerk has for somebody now.
UPDATE identities SET email = :email, email_verified = :email_verified
WHERE id = :identity AND (email, email_verified) IS DISTINCT FROM (:email, :email_verified);

-- name: clerk_sync_user(issuer, user, organizations, workspaces)
-- Grants a user what Clerk's organizations do, and withdraws what they no longer do.
SELECT sync_grants('clerk', :user, ARRAY(
    SELECT workspace_id FROM clerk_grants(:issuer, :organizations, :workspaces) WHERE user_id = :user));

-- name: clerk_sync(issuer, organizations, workspaces, forced)
-- The same for everybody. It stops if too many of the `had` grants would go.
SELECT synced.granted, synced.withdrawn, synced.stopped, synced.had, synced.going
FROM (SELECT coalesce(array_agg(user_id), '{}') AS users, coalesce(array_agg(workspace_id), '{}') AS workspaces
      FROM clerk_grants(:issuer, :organizations, :workspaces)) wanted
CROSS JOIN LATERAL sync_source('clerk', wanted.users, wanted.workspaces, :forced) synced;

-- name: clerk_people(issuer)
-- Everybody who is signed in here by Clerk, with their sessions there.
SELECT i.id AS identity_id, i.subject, array_remove(array_agg(DISTINCT s.provider_sid), NULL) AS sids
FROM identities i JOIN sessions s ON s.identity_id = i.id
WHERE i.provider = 'clerk' AND i.issuer = :issuer AND s.revoked_at IS NULL AND s.expires_at > now()
GROUP BY i.id ORDER BY i.id;

-- name: clerk_go(had, going, forced)
-- Records how many of what Clerk had are gone, people or grants; true if that is too many, so that nothing may change.
SELECT note_synchronisation('clerk', :had, :going, :forced);

-- name: clerk_let_go()
-- Whether an operator has let the next synchronisation take what it would.
SELECT coalesce((SELECT let_go FROM synchronisations WHERE source = 'clerk'), false);

-- name: clerk_objects_expire()
-- News that is older can no longer come: Svix retries for a day. Memberships that are there stay, and so do the users and
-- organizations that are gone: their memberships grant nothing while that is known.
DELETE FROM clerk_objects WHERE (kind, id, member) IN
    (SELECT kind, id, member FROM clerk_objects
     WHERE learned_at < now() - interval '30 days'
       AND CASE WHEN gone THEN kind IN ('session', 'membership') ELSE kind <> 'membership' END LIMIT 1000 FOR UPDATE SKIP LOCKED)
RETURNING 1;
