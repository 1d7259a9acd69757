-- name: sign_in_charge(address, email, per_address, per_account, window_seconds)
-- Counts an attempt; the seconds to wait if there were too many, else null.
SELECT rate_limit_charge(sign_in_buckets(:address, :email), ARRAY[:per_address, :per_account]::integer[], :window_seconds);

-- name: sign_in_refund(address, email)
-- A successful sign-in does not count: only failed ones do.
SELECT rate_limit_refund(sign_in_buckets(:address, :email));

-- name: chat_password_charge(address, user, chat, per_address, per_account, window_seconds)
-- Counts an attempt to join with a password; the seconds to wait if there were too many, else null.
SELECT rate_limit_charge(
    chat_password_buckets(:address, :user, :chat), ARRAY[:per_address, :per_account]::integer[], :window_seconds);

-- name: chat_password_refund(address, user, chat)
-- The right password does not count.
SELECT rate_limit_refund(chat_password_buckets(:address, :user, :chat));

-- name: sign_up_charge(address, per_address, window_seconds)
-- Counts a new account; the seconds to wait if there were too many, else null.
SELECT rate_limit_charge(ARRAY['signup:address:' || :address::text], ARRAY[:per_address]::integer[], :window_seconds);

-- name: sign_up(fullname, email, username, password_hash, workspace, refresh_hash, lifetime_days)
-- A new person with a workspace, signed in.
SELECT person.id AS user_id, user_json(person)::text AS user,
       open_session(person.id, :password_hash, :refresh_hash, :lifetime_days) AS session_id
FROM create_user(:fullname, :email, :password_hash, :workspace, :username) person;

-- name: account_by_email(email)
-- What signing in needs to know, however the address's letters are cased.
SELECT id AS user_id, status, password_hash, user_json(users)::text AS user
FROM users WHERE lower(email) = lower(:email);

-- name: account_of_user(user)
-- The same for somebody who is signed in, to check the password once more.
SELECT email, password_hash FROM users WHERE id = :user;

-- name: session_open(user, password_hash, refresh_hash, lifetime_days)
-- Signs in: the session's id, or null if the account has changed since its password was verified.
SELECT open_session(:user, :password_hash, :refresh_hash, :lifetime_days);

-- name: password_rehash(user, old_hash, new_hash)
-- Keeps the same password under newer hashing parameters.
SELECT rehash_password(:user, :old_hash, :new_hash);

-- name: account_deactivate(user, password_hash)
-- False if the account has changed since its password was verified.
SELECT deactivate_account(:user, :password_hash);

-- name: password_change(user, old_hash, new_hash, session)
-- A new password ends the other sessions; false if it was changed meanwhile.
SELECT change_password(:user, :old_hash, :new_hash, :session);
