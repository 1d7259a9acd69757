CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON announcement_recipients
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON announcement_recipients
    FOR EACH ROW WHEN ((OLD.announcement_id, OLD.user_id, OLD.organization_id) IS DISTINCT FROM (NEW.announcement_id, NEW.user_id, NEW.organization_id))
    EXECUTE FUNCTION refuse_key_change();

-- A change of the announcement waits for those who acknowledge it or leave, and they for it: else an event of the change could
-- follow the event that closes it.
CREATE FUNCTION lock_announcement() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM announcements WHERE id = OLD.announcement_id FOR SHARE;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER p10_lock BEFORE UPDATE OR DELETE ON announcement_recipients FOR EACH ROW EXECUTE FUNCTION lock_announcement();

-- Those for whom it opens or closes hear of it, each statement's people together.
CREATE FUNCTION log_announcement_recipients() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM tell_people('AnnouncementUpdated', open_announcement_json(a), opened.people)
    FROM (SELECT announcement_id, array_agg(user_id ORDER BY user_id) AS people FROM addressed WHERE acknowledged_at IS NULL GROUP BY 1) opened
    JOIN announcements a ON a.id = opened.announcement_id WHERE a.withdrawn_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER p55_gather AFTER INSERT ON announcement_recipients REFERENCING NEW TABLE AS addressed
    FOR EACH STATEMENT EXECUTE FUNCTION log_announcement_recipients();

-- The planner knows nothing of how many rows a statement has changed, and would join ten thousand with each other one by one.
CREATE FUNCTION log_acknowledgements() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET enable_nestloop = off AS $$
BEGIN
    PERFORM CASE WHEN told.opened THEN tell_people('AnnouncementUpdated', open_announcement_json(a), told.people)
                 ELSE tell_people('AnnouncementClosed', announcement_closed_json(a.id, a.organization_id), told.people) END
    FROM (SELECT announcement_id, after.acknowledged_at IS NULL AS opened, array_agg(user_id ORDER BY user_id) AS people
          FROM before JOIN after USING (announcement_id, user_id)
          WHERE (before.acknowledged_at IS NULL) <> (after.acknowledged_at IS NULL) GROUP BY 1, 2) told
    JOIN announcements a ON a.id = told.announcement_id WHERE a.withdrawn_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER p55_gather_changed AFTER UPDATE ON announcement_recipients REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION log_acknowledgements();

CREATE FUNCTION log_lost_recipients() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM tell_people('AnnouncementClosed', announcement_closed_json(announcement_id, organization_id), array_agg(user_id ORDER BY user_id))
    FROM lost WHERE acknowledged_at IS NULL GROUP BY announcement_id, organization_id ORDER BY announcement_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p55_gather_lost AFTER DELETE ON announcement_recipients REFERENCING OLD TABLE AS lost
    FOR EACH STATEMENT EXECUTE FUNCTION log_lost_recipients();
