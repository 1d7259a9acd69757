-- name: act_for(delegate)
-- Who acts for the acting user, for the rest of the transaction.
SELECT set_config('fechatter.delegate', :delegate, true);

-- name: delegated(delegate, principal, kind, place)
-- What the delegate may do for the principal at a place now, as far as delegations go.
SELECT delegated_permissions(:delegate, :principal, :kind, :place);

-- name: delegated_anywhere(delegate, principal, permission)
-- Whether a delegation in force has this permission, wherever it reaches.
SELECT EXISTS (SELECT FROM delegations_in_force(:delegate, :principal) d WHERE :permission::text = ANY (d.permissions));

-- name: delegations_of_user(user)
-- The open delegations that the user has given or received, by id.
SELECT delegations_of(:user)::text;

-- name: delegation_offer(principal, delegate, permissions, workspace, chat, document, kind, starts_at, ends_at, reason)
-- A new delegation; null if there is no document of this kind.
SELECT delegate_to(:principal, :delegate, :permissions, :workspace, :chat, :document, :kind, :starts_at, :ends_at, :reason)::text;

-- name: delegation_accept(delegation, user)
-- The delegate accepts it; again changes nothing. Null if there is no such open one.
UPDATE delegations SET accepted_at = coalesce(accepted_at, now())
WHERE id = :delegation AND delegate_id = :user AND revoked_at IS NULL AND ends_at > now() RETURNING delegation_json(delegations)::text;

-- name: delegation_revoke(delegation, user)
-- The principal takes it back, or the delegate lays it down. Null if there is no such open one.
UPDATE delegations SET revoked_at = now()
WHERE id = :delegation AND :user IN (principal_id, delegate_id) AND revoked_at IS NULL RETURNING id;

-- name: delegated_stream(delegate, session, principal)
-- What a delegate's stream for a principal needs, in one snapshot.
SELECT epoch, floor, head, good, enabled, seconds, delegated::text FROM delegated_stream(:delegate, :session, :principal);
