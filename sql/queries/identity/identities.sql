-- name: identify(provider, issuer, subject, email, email_verified, owns_domain, may_create, fullname)
-- The user of an identity that a provider has vouched for, and how they were found.
SELECT outcome, user_id, identity_id
FROM identify(:provider, :issuer, :subject, :email, :email_verified, :owns_domain, :may_create, :fullname);

-- name: identity_add(user, provider, issuer, subject, email, email_verified)
-- Links an identity to a signed-in user; null if it is another user's.
SELECT add_identity(:user, :provider, :issuer, :subject, :email, :email_verified);

-- name: identity_of(provider, issuer, subject)
-- The identity by which a provider knows somebody; null if nobody here has it.
SELECT id FROM identities WHERE (provider, issuer, subject) = (:provider::text, :issuer::text, :subject::text);

-- name: use_once(hash, expires_at)
-- Marks something as used; false if it was used before.
SELECT use_once(:hash, :expires_at);
