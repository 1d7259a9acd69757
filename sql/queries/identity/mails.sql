-- name: password_forget(email, language, client, per_client, per_recipient)
-- A link for the account of this address, if there is one; the seconds to wait if the client has asked too often, else null.
SELECT forget_password(:email, :language, :client, :per_client, :per_recipient);

-- name: mails_claim(limit, seconds)
-- Claims mails that are due for `seconds`.
SELECT * FROM claim_mails(:limit, :seconds);

-- name: mail_sent(id)
-- The SMTP server has taken the mail.
UPDATE mails SET sent_at = now(), error = NULL WHERE id = :id AND failed_at IS NULL;

-- name: mail_put_off(id, error, seconds)
-- The SMTP server has not taken it now: it is due again after `seconds`.
UPDATE mails SET error = left(:error, 300), due_at = now() + make_interval(secs => :seconds) WHERE id = :id AND sent_at IS NULL;

-- name: mail_failed(id, error)
-- The mail is given up.
UPDATE mails SET error = left(:error, 300), failed_at = now() WHERE id = :id AND sent_at IS NULL;

-- name: mail_link_account(seed, kinds)
-- Whose link this is, if it is still valid: read before a password is hashed for it, which must be none of these.
SELECT person.email, person.fullname, person.username FROM mails JOIN users person ON person.id = user_id
WHERE seed = :seed AND mails.kind = ANY (:kinds::text[]) AND used_at IS NULL AND mails.expires_at > now()
  AND person.status = 'active' AND person.email = recipient;

-- name: password_reset_by_mail(seed, new_hash)
-- Sets a new password by the link of a mail and ends all sessions; returns the user, or null if the link is no longer valid.
SELECT reset_password_by_mail(:seed, :new_hash);

-- name: mails_waiting()
-- How many mails wait to be sent.
SELECT count(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND used_at IS NULL AND expires_at > now();

-- name: verification_ask(user, language, per_recipient)
-- A link by which the user confirms their address; the seconds to wait if they have been sent too many, else null.
SELECT ask_for_verification(:user, :language, :per_recipient);

-- name: address_ask(user, verified_hash, email, language, per_recipient)
-- A new address, which both confirm: asked, stale, same, taken or limited.
SELECT ask_for_address(:user, :verified_hash, :email, :language, :per_recipient);

-- name: address_link(seed)
-- What the link of a mail about an address would confirm, and the password that does so; no row if it is no longer valid.
SELECT mails.kind, recipient AS email, coalesce(change.new_email, recipient) AS new_email, person.email AS account_email, person.password_hash
FROM mails JOIN users person ON person.id = mails.user_id LEFT JOIN address_changes change ON change.user_id = person.id
WHERE seed = :seed AND mails.kind IN ('verify_address', 'new_address', 'old_address') AND used_at IS NULL
  AND mails.expires_at > now() AND person.status = 'active';

-- name: address_confirm(seed)
-- Uses the link of a mail: verified, changed, waiting, or null if it is no longer valid; and the user.
SELECT outcome, person FROM confirm_address(:seed);

-- name: address_refuse(seed)
-- Ends a change of an address; returns the user, or null if the link is no longer valid.
SELECT refuse_address(:seed);

-- name: new_device_mail(session, language)
-- Writes to the user of a session that began on a new device; whether it did.
SELECT mail_new_device(:session, :language);

-- name: address_is_verified(user)
-- Whether the user has confirmed their address.
SELECT email_verified_at IS NOT NULL FROM users WHERE id = :user;
