-- What waits to be mailed follows what its person chooses. Nothing else that they change puts it off.
CREATE FUNCTION mail_as_chosen() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE mail_notices n SET due_at = mail_due_at(NEW.email, u.time_zone, now())
    FROM users u WHERE u.id = NEW.user_id AND n.user_id = NEW.user_id AND n.due_at IS NOT NULL;
    RETURN NULL;
END
$$;
-- Somebody without a row had notification_settings_of()'s defaults.
CREATE TRIGGER p50_first_mail AFTER INSERT ON notification_settings
    FOR EACH ROW WHEN (NEW.email <> 'at_once') EXECUTE FUNCTION mail_as_chosen();
CREATE TRIGGER p50_mail AFTER UPDATE OF email ON notification_settings
    FOR EACH ROW WHEN (OLD.email <> NEW.email) EXECUTE FUNCTION mail_as_chosen();
