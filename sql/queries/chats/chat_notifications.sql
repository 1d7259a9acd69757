-- name: chat_notifications_set(chat, user, notification_level, set_muted_until, muted_until)
-- Null leaves the level as it is; the mute is set if set_muted_until says so, to null too. Null if the user is no member.
UPDATE chat_members SET
    notification_level = coalesce(:notification_level, notification_level),
    muted_until = CASE WHEN :set_muted_until THEN :muted_until ELSE muted_until END
WHERE chat_id = :chat AND user_id = :user RETURNING chat_notifications_json(chat_members)::text;
