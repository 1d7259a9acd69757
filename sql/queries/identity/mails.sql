-- name: password_forget(email, language, client, per_client, per_recipient)
-- A link for the account of this address, if there is one; the seconds to wait if the client has asked too often, else null.
SELECT forget_password(:email, :language, :client, :per_client, :per_recipient);

-- name: mails_claim(limit, seconds)
-- Mails that are due, which nobody else takes for so many seconds.
SELECT m.id, m.kind, m.recipient, m.language, m.details::text, m.seed, m.attempts, m.created_at, m.expires_at,
       CASE WHEN person.email = m.recipient AND person.email_verified_at IS NOT NULL THEN person.fullname END AS fullname
FROM claim_mails(:limit, :seconds) m JOIN users person ON person.id = m.user_id;

-- name: mail_sent(id)
-- The SMTP server has taken the mail.
UPDATE mails SET sent_at = now(), error = NULL WHERE id = :id AND failed_at IS NULL;

-- name: mail_put_off(id, error, seconds)
-- The SMTP server has not taken it now: it is due again after so many seconds.
UPDATE mails SET error = :error, due_at = now() + make_interval(secs => :seconds) WHERE id = :id AND sent_at IS NULL;

-- name: mail_failed(id, error)
-- The mail is given up.
UPDATE mails SET error = :error, failed_at = now() WHERE id = :id AND sent_at IS NULL;

-- name: mail_link_account(seed, kinds)
-- Whose link this is, if it is still valid: read before a password is hashed for it, which must be none of these.
SELECT person.email, person.fullname, person.username FROM mails JOIN users person ON person.id = user_id
WHERE seed = :seed AND kind = ANY (:kinds::text[]) AND used_at IS NULL AND mails.expires_at > now()
  AND person.status = 'active' AND person.email = recipient;

-- name: password_reset_by_mail(seed, new_hash)
-- Sets a new password by the link of a mail and ends all sessions; returns the user, or null if the link is no longer valid.
SELECT reset_password_by_mail(:seed, :new_hash);

-- name: mails_waiting()
-- How many mails wait to be sent.
SELECT count(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND used_at IS NULL AND expires_at > now();
