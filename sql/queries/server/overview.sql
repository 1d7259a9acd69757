-- name: overview(organization)
-- Live figures of an organisation or, if it is null, of the whole server.
SELECT overview_json(:organization)::text;

-- name: operator_is(user)
-- Whether a user sees the figures of the whole server.
SELECT EXISTS (SELECT FROM operators WHERE user_id = :user);
