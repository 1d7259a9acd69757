-- migrate:up

-- The owner of a bot is told when one of its subscriptions has been disabled.
ALTER TABLE mails
    DROP CONSTRAINT mails_kind_known,
    ADD CONSTRAINT mails_kind_known CHECK (
        kind IN ('password_reset', 'verify_address', 'new_address', 'old_address', 'new_device', 'subscription_disabled'));

-- migrate:down
DELETE FROM mails WHERE kind = 'subscription_disabled';
ALTER TABLE mails
    DROP CONSTRAINT mails_kind_known,
    ADD CONSTRAINT mails_kind_known CHECK (kind IN ('password_reset', 'verify_address', 'new_address', 'old_address', 'new_device'));
