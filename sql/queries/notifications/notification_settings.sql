-- name: notification_settings_shown(user)
-- How a person is notified.
SELECT notification_settings_json(notification_settings_of(:user))::text;

-- name: notification_settings_change(user, given)
-- Changes the columns that are given, as JSON.
SELECT change_notification_settings(:user, :given::jsonb)::text;
