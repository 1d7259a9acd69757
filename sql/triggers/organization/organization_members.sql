CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON organization_members
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON organization_members
    FOR EACH ROW WHEN ((OLD.organization_id, OLD.user_id) IS DISTINCT FROM (NEW.organization_id, NEW.user_id))
    EXECUTE FUNCTION refuse_key_change();

-- A bot comes with its workspace, and is neither a member nor a guest.
CREATE FUNCTION fill_kind() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM users WHERE id = NEW.user_id AND kind = 'bot') THEN
        NEW.kind := 'bot';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_kind BEFORE INSERT OR UPDATE OF kind ON organization_members FOR EACH ROW EXECUTE FUNCTION fill_kind();

CREATE TRIGGER p10_lock_demote BEFORE UPDATE ON organization_members
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION lock_place('organization');
CREATE TRIGGER p10_lock_leave BEFORE DELETE ON organization_members
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION lock_place('organization');
CREATE TRIGGER p10_defer_log BEFORE INSERT OR UPDATE OR DELETE ON organization_members FOR EACH STATEMENT EXECUTE FUNCTION defer_log();

-- Nobody is put into an organisation by somebody who shares no workspace with them. A workspace's people come with it.
CREATE FUNCTION require_acquaintance() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.source <> 'workspace' AND NOT shares_workspace(acting_user(), NEW.user_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'organization_members_are_known',
            MESSAGE = format('user %s shares no workspace with user %s', NEW.user_id, acting_user());
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_known BEFORE INSERT ON organization_members
    FOR EACH ROW WHEN (acting_user() <> NEW.user_id) EXECUTE FUNCTION require_acquaintance();

CREATE FUNCTION refuse_many_organizations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM users WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM organization_members WHERE user_id = NEW.user_id AND role = 'owner') >= most_organizations() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'organizations_amount',
            MESSAGE = format('user %s owns %s organisations already', NEW.user_id, most_organizations());
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_amount BEFORE INSERT ON organization_members
    FOR EACH ROW WHEN (NEW.role = 'owner') EXECUTE FUNCTION refuse_many_organizations();
CREATE TRIGGER p30_amount_promoted BEFORE UPDATE ON organization_members
    FOR EACH ROW WHEN (NEW.role = 'owner' AND OLD.role <> 'owner') EXECUTE FUNCTION refuse_many_organizations();

CREATE CONSTRAINT TRIGGER p80_keeps_owner_demote AFTER UPDATE ON organization_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION keeps_owner('organization');
CREATE CONSTRAINT TRIGGER p80_keeps_owner_leave AFTER DELETE ON organization_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION keeps_owner('organization');

CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON organization_members
    FOR EACH ROW EXECUTE FUNCTION audit_directory('organization_member');

-- Whoever leaves the organisation, or is a guest from now on, leaves its workspaces, and a guest has no appointments.
CREATE FUNCTION leave_workspaces() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM workspace_members m USING workspaces w
    WHERE w.id = m.workspace_id AND w.organization_id = OLD.organization_id AND m.user_id = OLD.user_id;
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM appointments a WHERE a.organization_id = OLD.organization_id AND a.user_id = OLD.user_id;
    END IF;
    RETURN NULL;
END
$$;
-- Whom the organisation has suspended has their account again when they leave it: it was theirs to suspend as one that it kept.
CREATE FUNCTION let_account_go() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM suspensions s WHERE (s.user_id, s.source) = (OLD.user_id, suspending_source(OLD.organization_id))) THEN
        PERFORM reinstate_by(suspending_source(OLD.organization_id), OLD.user_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_let_account_go AFTER DELETE ON organization_members FOR EACH ROW EXECUTE FUNCTION let_account_go();

-- A guest leaves its chats, those between two people with all that is in them, while they are there.
CREATE FUNCTION leave_chats_as_guest() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM leave_as_guest(OLD.organization_id, OLD.user_id);
    RETURN OLD;
END
$$;
CREATE TRIGGER p40_leave_chats BEFORE DELETE ON organization_members FOR EACH ROW EXECUTE FUNCTION leave_chats_as_guest();
CREATE TRIGGER p95_leave AFTER DELETE ON organization_members FOR EACH ROW EXECUTE FUNCTION leave_workspaces();
CREATE TRIGGER p95_become_guest AFTER UPDATE OF kind ON organization_members
    FOR EACH ROW WHEN (NEW.kind = 'guest' AND OLD.kind <> 'guest') EXECUTE FUNCTION leave_workspaces();

CREATE FUNCTION log_organization_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM log_append('OrganizationLeft', 'user', json_build_object('id', OLD.organization_id), user_id => OLD.user_id);
    ELSE
        PERFORM tell_organization(NEW.organization_id, NEW.user_id);
    END IF;
    PERFORM tell_directory(coalesce(NEW.organization_id, OLD.organization_id));
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR UPDATE OR DELETE ON organization_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_organization_members();

-- Whoever leaves, or is no member any more, is told nothing from now on. Announcements are locked before those whom they reach.
CREATE FUNCTION leave_announcements() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM announcements a JOIN announcement_recipients r ON r.announcement_id = a.id
    WHERE r.organization_id = OLD.organization_id AND r.user_id = OLD.user_id ORDER BY a.id FOR SHARE OF a;
    DELETE FROM announcement_recipients r WHERE r.organization_id = OLD.organization_id AND r.user_id = OLD.user_id;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER p40_leave_announcements BEFORE DELETE ON organization_members FOR EACH ROW EXECUTE FUNCTION leave_announcements();
CREATE TRIGGER p95_end_announcements AFTER UPDATE OF kind ON organization_members
    FOR EACH ROW WHEN (NEW.kind <> 'member' AND OLD.kind = 'member') EXECUTE FUNCTION leave_announcements();

-- A guest who becomes a member has the roles of their groups from then on: nobody makes them one who could not grant these.
CREATE FUNCTION require_member_held() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_all_held(ARRAY(SELECT id FROM bindings_of(NEW.organization_id, NEW.user_id)));
    RETURN NULL;
END
$$;
CREATE TRIGGER p70_held AFTER UPDATE OF kind ON organization_members
    FOR EACH ROW WHEN (acting_user() IS NOT NULL AND NEW.kind = 'member' AND OLD.kind <> 'member') EXECUTE FUNCTION require_member_held();

-- Directories have had them somewhere, maybe, before they joined.
CREATE FUNCTION place_joined() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM place_people(organization_id, array_agg(user_id)) FROM joined GROUP BY organization_id ORDER BY organization_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_place AFTER INSERT ON organization_members REFERENCING NEW TABLE AS joined
    FOR EACH STATEMENT EXECUTE FUNCTION place_joined();

-- What their roles show, as what they are now; who is no guest any more is in the departments where directories have them.
CREATE FUNCTION follow_kind() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM place_people(NEW.organization_id, ARRAY[NEW.user_id]);
    PERFORM settle_bindings(array_agg(b), ARRAY[NEW.user_id]) FROM bindings_of(NEW.organization_id, NEW.user_id) b
    WHERE num_nonnulls(b.chat_id, b.document_id) > 0 HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_roles AFTER UPDATE OF kind ON organization_members
    FOR EACH ROW WHEN (NEW.kind <> OLD.kind) EXECUTE FUNCTION follow_kind();
