-- migrate:up

-- email: whether somebody is told by mail of mentions and direct messages that they have not read, and when; language: that
-- of these mails, null: as of their last one.
ALTER TABLE notification_settings
    ADD COLUMN email text NOT NULL DEFAULT 'at_once',
    ADD COLUMN language text,
    ADD CONSTRAINT notification_settings_email_known CHECK (email IN ('off', 'at_once', 'daily', 'weekly')),
    ADD CONSTRAINT notification_settings_language_known CHECK (language IN ('en', 'zh'));

-- migrate:down
ALTER TABLE notification_settings DROP COLUMN language, DROP COLUMN email;
