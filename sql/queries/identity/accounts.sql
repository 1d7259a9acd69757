-- name: sign_in_charge(address, email, device, per_account, in_all, per_address, window_seconds)
-- Counts an attempt: the charged buckets, and the seconds to wait if there were too many, else null. per_account counts
-- by known device or else by address.
SELECT buckets, rate_limit_charge(
    buckets, (ARRAY[:per_account, :in_all, :per_address]::integer[])[1 : cardinality(buckets)], :window_seconds) AS seconds
FROM sign_in_buckets(:address, :email, :device) AS buckets;

-- name: directory_sign_in_charge(address, provider, subject, device, per_account, in_all, per_address, window_seconds)
-- Counts an attempt at a directory; the same two.
SELECT buckets, rate_limit_charge(
    buckets, (ARRAY[:per_account, :in_all, :per_address]::integer[])[1 : cardinality(buckets)], :window_seconds) AS seconds
FROM directory_sign_in_buckets(:address, :provider, :subject, :device) AS buckets;

-- name: password_charge(session, per_session, window_seconds)
-- Counts an attempt of a signed-in user who must enter their password again; the same two.
SELECT buckets, rate_limit_charge(buckets, ARRAY[:per_session]::integer[], :window_seconds) AS seconds
FROM (SELECT ARRAY['password:session:' || :session::bigint] AS buckets) charged;

-- name: chat_password_charge(address, user, chat, per_address, per_account, window_seconds)
-- Counts an attempt to join with a password; the same two.
SELECT buckets, rate_limit_charge(buckets, ARRAY[:per_address, :per_account]::integer[], :window_seconds) AS seconds
FROM chat_password_buckets(:address, :user, :chat) AS buckets;

-- name: attempt_refund(buckets)
-- Only wrong passwords count: reverts the count for the right one.
SELECT rate_limit_refund(:buckets);

-- name: sign_up_charge(address, per_address, window_seconds)
-- Counts a new account; the seconds to wait if there were too many, else null.
SELECT rate_limit_charge(ARRAY['signup:address:' || :address::text], ARRAY[:per_address]::integer[], :window_seconds);

-- name: sign_up(fullname, email, username, password_hash, workspace, refresh_hash, lifetime_days, presented_device, fresh_device, device_name)
-- A new account with a workspace, signed in; with the hash of the device's secret.
SELECT person.id AS user_id, user_json(person)::text AS user, session_id, device_hash
FROM create_user(:fullname, :email, :password_hash, :workspace, :username) person
CROSS JOIN LATERAL open_session(
    person.id, :password_hash, :refresh_hash, :lifetime_days, :presented_device, :fresh_device, device_name => :device_name);

-- name: account_add(fullname, email, username, password_hash, workspace)
-- A new account with a workspace, which has to verify its address before it can sign in.
SELECT id FROM create_user(:fullname, :email, :password_hash, :workspace, :username);

-- name: account_by_email(email)
-- What signing in needs to know, ignoring the case of the address.
SELECT id AS user_id, status, password_hash, user_json(users)::text AS user
FROM users WHERE lower(email) = lower(:email);

-- name: account_of_user(user)
-- The same for a signed-in user, to verify the password again.
SELECT password_hash FROM users WHERE id = :user;

-- name: account_names(user)
-- What a user's new password must not be.
SELECT email, fullname, username FROM users WHERE id = :user;

-- name: session_open(user, password_hash, refresh_hash, lifetime_days, presented_device, fresh_device, provider, amr, auth_time, provider_sid, identity, device_name, name_id, second_factor)
-- Begins a session: its id, or null if the account is not active or has changed since its password was verified, if
-- another provider is required, or if a second factor is owed; with the hash of the device's secret, and the user.
SELECT session_id, device_hash, required, owed, status, user_json(users)::text AS user
FROM users CROSS JOIN LATERAL open_session(
    users.id, :password_hash, :refresh_hash, :lifetime_days, :presented_device, :fresh_device, :provider, :amr, :auth_time,
    :provider_sid, :identity, :device_name, :name_id, :second_factor)
WHERE users.id = :user;

-- name: password_rehash(user, old_hash, new_hash)
-- Stores a hash of the same password with newer parameters.
SELECT rehash_password(:user, :old_hash, :new_hash);

-- name: account_deactivate(user, password_hash)
-- False if the account has changed since its password was verified.
SELECT deactivate_account(:user, :password_hash);

-- name: password_change(user, old_hash, new_hash, session)
-- A new password ends the other sessions; false if it was changed meanwhile.
SELECT change_password(:user, :old_hash, :new_hash, :session);

-- name: password_reset_account(hash)
-- Whose reset this is, if it is still valid: read before a password is hashed for it, which must be none of these.
SELECT email, fullname, username FROM password_resets JOIN users ON users.id = user_id
WHERE token_hash = :hash AND expires_at > now();

-- name: password_reset(hash, new_hash)
-- Sets a new password by a reset and ends all sessions; returns the user, or null if the reset is no longer valid.
SELECT reset_password(:hash, :new_hash);
