CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON announcements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Title and content change, and whom it was for does not: it would be another one.
CREATE TRIGGER p30_final_key BEFORE UPDATE ON announcements
    FOR EACH ROW WHEN ((OLD.id, OLD.organization_id, OLD.acknowledgement_required, OLD.department_ids, OLD.group_ids, OLD.created_at)
                       IS DISTINCT FROM
                       (NEW.id, NEW.organization_id, NEW.acknowledgement_required, NEW.department_ids, NEW.group_ids, NEW.created_at)
                       OR OLD.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at)
    EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p10_lock BEFORE INSERT ON announcements FOR EACH ROW EXECUTE FUNCTION lock_organization();

CREATE TRIGGER p20_touch BEFORE UPDATE ON announcements
    FOR EACH ROW WHEN ((OLD.title, OLD.content) IS DISTINCT FROM (NEW.title, NEW.content)) EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER p30_plain_title BEFORE INSERT OR UPDATE OF title ON announcements
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('title');

-- For departments and groups of this organisation, and at most 200 that are not withdrawn.
CREATE FUNCTION check_announcement() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM unnest(NEW.department_ids) AS wanted
               WHERE NOT EXISTS (SELECT FROM departments d WHERE d.id = wanted AND d.organization_id = NEW.organization_id))
       OR EXISTS (SELECT FROM unnest(NEW.group_ids) AS wanted
                  WHERE NOT EXISTS (SELECT FROM groups g WHERE g.id = wanted AND g.organization_id = NEW.organization_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'announcement_is_for_own_people',
            MESSAGE = format('organisation %s does not have all of departments %s and groups %s', NEW.organization_id, NEW.department_ids, NEW.group_ids);
    END IF;
    IF (SELECT count(*) FROM announcements a WHERE a.organization_id = NEW.organization_id AND a.withdrawn_at IS NULL) >= 200 THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'announcements_amount',
            MESSAGE = format('organisation %s has 200 announcements that are not withdrawn', NEW.organization_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_check BEFORE INSERT ON announcements FOR EACH ROW EXECUTE FUNCTION check_announcement();

CREATE FUNCTION audit_announcements() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    about announcements := coalesce(NEW, OLD);
BEGIN
    PERFORM audit_organization(
        CASE WHEN TG_OP = 'INSERT' THEN 'announcement_published' WHEN TG_OP = 'DELETE' THEN 'announcement_removed'
             WHEN NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at THEN 'announcement_withdrawn' ELSE 'announcement_changed' END,
        about.organization_id, 'announcement', about.id,
        to_jsonb(OLD) - '{organization_id,content}'::text[], to_jsonb(NEW) - '{organization_id,content}'::text[]);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON announcements FOR EACH ROW EXECUTE FUNCTION audit_announcements();
CREATE TRIGGER p50_audit_changed AFTER UPDATE ON announcements
    FOR EACH ROW WHEN ((OLD.title, OLD.content, OLD.withdrawn_at) IS DISTINCT FROM (NEW.title, NEW.content, NEW.withdrawn_at))
    EXECUTE FUNCTION audit_announcements();

-- Whom it reaches, in one statement: the organisation's members, or those in these departments and below, and in these groups.
-- Neither guests nor bots. The members stay what they are until COMMIT.
CREATE FUNCTION address_announcement() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO announcement_recipients (announcement_id, user_id, organization_id)
    SELECT NEW.id, m.user_id, m.organization_id FROM organization_members m
    WHERE m.organization_id = NEW.organization_id AND m.kind = 'member'
      AND (NEW.department_ids = '{}' AND NEW.group_ids = '{}' OR m.user_id IN (
               SELECT a.user_id FROM department_tree t JOIN appointments a ON a.department_id = t.department_id
               WHERE t.ancestor_id = ANY (NEW.department_ids) AND a.is_current
               UNION ALL SELECT g.user_id FROM group_members g WHERE g.group_id = ANY (NEW.group_ids)))
    ORDER BY m.user_id FOR SHARE OF m;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_address AFTER INSERT ON announcements FOR EACH ROW EXECUTE FUNCTION address_announcement();

-- A change is told to those for whom it is open. Who acknowledges it meanwhile holds it locked, so they are seen here.
CREATE FUNCTION log_announcements() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    people CONSTANT bigint[] := ARRAY(SELECT user_id FROM announcement_recipients r
                                      WHERE r.announcement_id = NEW.id AND r.acknowledged_at IS NULL ORDER BY user_id);
BEGIN
    IF NEW.withdrawn_at IS NULL THEN
        PERFORM tell_people('AnnouncementUpdated', open_announcement_json(NEW), people);
    ELSIF OLD.withdrawn_at IS NULL THEN
        PERFORM tell_people('AnnouncementClosed', announcement_closed_json(NEW.id, NEW.organization_id), people);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p55_gather AFTER UPDATE ON announcements
    FOR EACH ROW WHEN ((OLD.title, OLD.content, OLD.author_id, OLD.withdrawn_at)
                       IS DISTINCT FROM (NEW.title, NEW.content, NEW.author_id, NEW.withdrawn_at))
    EXECUTE FUNCTION log_announcements();
