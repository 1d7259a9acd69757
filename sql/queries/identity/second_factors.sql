-- name: second_factors(user)
-- The factors with which the user may complete a sign-in; null if none is enrolled.
SELECT second_factors(:user);

-- name: second_factors_of_user(user)
-- The second factors as their user sees them.
SELECT second_factors_json(:user)::text;

-- name: second_factor_await(hash, user, verified_hash, provider, amr, auth_time, provider_sid, identity, name_id)
-- Keeps how a session will begin once its second factor is there; returns until when.
SELECT await_second_factor(:hash, :user, :verified_hash, :provider, :amr, :auth_time, :provider_sid, :identity, :name_id);

-- name: pending_sign_in(hash)
-- The sign-in that waits for its second factor.
SELECT user_id, verified_hash, provider, amr, auth_time, provider_sid, identity_id, name_id::text
FROM pending_sign_ins
WHERE hash = :hash AND expires_at > now();

-- name: pending_sign_in_take(hash)
-- It goes on: its token is good once. No row if it was, or has ended meanwhile.
SELECT take_pending_sign_in(:hash);

-- name: factor_charge(user, device, per_user, window_seconds)
-- Counts an attempt at a second factor: the charged buckets, and the seconds to wait if there were too many, else null.
SELECT buckets, rate_limit_charge(buckets, ARRAY[:per_user]::integer[], :window_seconds) AS seconds
FROM factor_buckets(:user, :device) AS buckets;

-- name: totp_begin(user, secret, sealed_by)
-- Begins to enrol an authenticator app; false if one is enrolled.
SELECT begin_totp(:user, :secret, :sealed_by);

-- name: totp_secret(user)
-- The secret of the authenticator app as it is stored, the kid of the key that has sealed it, and whether it is enrolled.
SELECT secret, sealed_by, confirmed_at IS NOT NULL AS enrolled FROM totp_factors WHERE user_id = :user;

-- name: totp_sealed_otherwise(sealed_by, after, limit)
-- Secrets that are not sealed, or by another key than this one, by user.
SELECT user_id, secret, sealed_by FROM totp_factors
WHERE sealed_by IS DISTINCT FROM :sealed_by AND user_id > :after ORDER BY user_id LIMIT :limit;

-- name: totp_seal(user, former, secret, sealed_by)
-- The same secret is stored sealed, unless another one has taken its place.
UPDATE totp_factors SET secret = :secret, sealed_by = :sealed_by WHERE user_id = :user AND secret = :former;

-- name: totp_confirm(user, secret, step, session, hashes)
-- Enrols the app: whether `hashes` are now the recovery codes; null if there is nothing to confirm.
SELECT confirm_totp(:user, :secret, :step, :session, :hashes);

-- name: totp_use(user, step)
-- Uses the code of a step; false if it was used before.
SELECT use_totp(:user, :step);

-- name: totp_remove(user)
-- Removes the app; false if none is enrolled.
SELECT remove_totp(:user);

-- name: recovery_code_use(user, hash)
-- Uses a recovery code; false if there is none with this hash.
SELECT use_recovery_code(:user, :hash);

-- name: recovery_codes_renew(user, hashes)
-- New recovery codes in place of the old ones; false if no factor is enrolled.
SELECT renew_recovery_codes(:user, :hashes);
