-- migrate:up

-- How somebody is notified while they do not look at a chat; who has no row has notification_settings_of()'s defaults.
-- push: which messages; push_content: what of them leaves the server; push_while_active: also while they use a device.
-- Between quiet_from and quiet_until, in their time zone, notifications wait.
CREATE TABLE notification_settings (
    user_id           bigint NOT NULL PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    push              text NOT NULL,
    push_content      text NOT NULL,
    push_while_active boolean NOT NULL,
    quiet_from        time,
    quiet_until       time,
    CONSTRAINT notification_settings_push_known CHECK (push IN ('all', 'personal', 'none')),
    CONSTRAINT notification_settings_push_content_known CHECK (push_content IN ('message', 'sender', 'none')),
    CONSTRAINT notification_settings_quiet_hours CHECK (num_nulls(quiet_from, quiet_until) IN (0, 2) AND (quiet_from <> quiet_until) IS NOT FALSE)
);

-- migrate:down
DROP TABLE notification_settings;
