-- name: mails_follow(amount)
-- Reads the next events of the log and notes whom their messages are mailed to; returns how many events there were.
SELECT follow_for_mails(:amount);

-- name: mail_notices_settle(amount)
-- Decides about what is due to the people of `amount` notices; returns how many people there were.
SELECT settle_mail_notices(:amount);

-- name: mail_notices_expire()
-- What has been settled for long, and replies of long ago.
SELECT expire_mail_notices(1000);

-- name: mailed_messages(mail)
-- What a mail tells, as it is at this moment.
SELECT * FROM mailed_messages(:mail);

-- name: mail_forget(id)
-- A mail that has nothing to tell any more.
DELETE FROM mails WHERE id = :id;

-- name: mail_bounced(user, address, status, reason)
-- Mail to this address of a user cannot be delivered; whether it is their address.
SELECT note_bounce(:user, :address, :status, :reason);

-- name: mail_account(user)
-- Whose address an incoming mail's token is for.
SELECT email FROM users WHERE id = :user AND kind = 'person' AND deleted_at IS NULL;

-- name: mail_charge(purpose, user, most)
-- Counts a mail to a return address of a user; the seconds to wait if there were too many within a minute, else null.
SELECT rate_limit_charge(ARRAY['mail:received:' || :purpose::text || ':' || :user::bigint], ARRAY[:most]::integer[], 60);

-- name: mail_reply(user, address, chat, thread, content, files, digest)
-- Posts what somebody has answered to a mail; what came of it.
SELECT post_reply(:user, :address, :chat, :thread, :content, :files, :digest);

-- name: mails_stop(user)
-- Somebody wants no more notifications by mail.
SELECT change_notification_settings(:user, '{"email": "off"}') FROM users WHERE id = :user AND kind = 'person' AND deleted_at IS NULL;
