-- Mails: what waits, and what became of those of the last days.

CREATE VIEW ops.mail AS
SELECT id, kind, recipient, user_id,
       CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN failed_at IS NOT NULL THEN 'failed'
            WHEN used_at IS NOT NULL THEN 'not needed' WHEN expires_at <= now() THEN 'expired' ELSE 'waiting' END AS state,
       attempts, created_at, coalesce(sent_at, failed_at) AS ended_at,
       CASE WHEN coalesce(sent_at, failed_at, used_at) IS NULL AND expires_at > now() THEN due_at END AS next_attempt_at, error
FROM mails ORDER BY id DESC;
COMMENT ON VIEW ops.mail IS 'Mails of the last days, newest first: sent, failed for good, waiting for their next attempt, expired, or not needed any more; and what the SMTP server answered. Links are not in it.';

CREATE VIEW ops.bounces AS
SELECT b.user_id, u.username, b.address, b.bounced_at, b.status, b.reason FROM mail_bounces b JOIN users u ON u.id = b.user_id
ORDER BY b.bounced_at DESC;
COMMENT ON VIEW ops.bounces IS 'Addresses to which mail cannot be delivered, and why: none is sent there but links that somebody asks for, until the address is confirmed again.';
