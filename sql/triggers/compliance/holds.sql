CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON holds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE FUNCTION fill_hold() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM hold_lock(NEW.workspace_id);
    UPDATE hold_changes SET placed = placed + 1;
    IF NEW.chat_id IS NOT NULL AND NOT EXISTS (SELECT FROM chats WHERE id = NEW.chat_id AND workspace_id = NEW.workspace_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'hold_chat_in_workspace',
            MESSAGE = format('workspace %s has no chat %s', NEW.workspace_id, NEW.chat_id);
    END IF;
    NEW.placed_by := coalesce(acting_user(), NEW.placed_by);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON holds FOR EACH ROW EXECUTE FUNCTION fill_hold();

-- What another hold has kept already is kept for this one, too.
CREATE FUNCTION hold_what_is_kept() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE held_content c SET hold_ids = hold_ids || NEW.id
    WHERE c.workspace_id = NEW.workspace_id
      AND CASE c.kind WHEN 'message' THEN hold_covers(NEW, c.chat_id, c.user_id, c.posted_at) ELSE c.user_id = NEW.user_id END;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_hold_kept AFTER INSERT ON holds FOR EACH ROW EXECUTE FUNCTION hold_what_is_kept();

-- What a hold covers is final, and so is its release.
CREATE TRIGGER p30_final_key BEFORE UPDATE ON holds
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id, OLD.user_id, OLD.chat_id, OLD.since, OLD.until, OLD.placed_by, OLD.placed_at)
                       IS DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.user_id, NEW.chat_id, NEW.since, NEW.until, NEW.placed_by, NEW.placed_at))
    EXECUTE FUNCTION refuse_key_change();

CREATE FUNCTION refuse_unrelease() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'hold_is_released',
        MESSAGE = format('hold %s was released on %s', OLD.id, OLD.released_at), HINT = 'Place another one.';
END
$$;
CREATE TRIGGER p30_final_release BEFORE UPDATE ON holds
    FOR EACH ROW WHEN (OLD.released_at IS NOT NULL
                       AND (OLD.released_at, OLD.released_by, OLD.release_reason)
                           IS DISTINCT FROM (NEW.released_at, NEW.released_by, NEW.release_reason))
    EXECUTE FUNCTION refuse_unrelease();

CREATE FUNCTION fill_release() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM hold_lock(NEW.workspace_id);
    NEW.released_at := now();
    NEW.released_by := coalesce(acting_user(), NEW.released_by);
    IF NEW.released_by = NEW.user_id THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'hold_is_released_by_another',
            MESSAGE = format('hold %s is on user %s, who may not release it', NEW.id, NEW.user_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_release BEFORE UPDATE ON holds
    FOR EACH ROW WHEN (OLD.released_at IS NULL AND NEW.released_at IS NOT NULL) EXECUTE FUNCTION fill_release();

-- What it has kept stays for some days. A hold without a release keeps it for good.
CREATE FUNCTION check_letting_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.let_go_at IS NULL OR (NEW.released_at <= now() - hold_keeps_on()) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'hold_keeps_on',
            MESSAGE = format('hold %s keeps what it has kept for %s after its release', NEW.id, hold_keeps_on());
    END IF;
    PERFORM hold_lock(NEW.workspace_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_let_go BEFORE UPDATE ON holds
    FOR EACH ROW WHEN (OLD.let_go_at IS DISTINCT FROM NEW.let_go_at) EXECUTE FUNCTION check_letting_go();

-- What no other hold keeps goes then, as its deletion wanted it.
CREATE FUNCTION let_go_of_held() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE held_content SET hold_ids = array_remove(hold_ids, NEW.id)
    WHERE workspace_id = NEW.workspace_id AND NEW.id = ANY (hold_ids);
    DELETE FROM held_content WHERE workspace_id = NEW.workspace_id AND hold_ids = '{}';
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_let_go AFTER UPDATE ON holds
    FOR EACH ROW WHEN (OLD.let_go_at IS NULL AND NEW.let_go_at IS NOT NULL) EXECUTE FUNCTION let_go_of_held();

CREATE FUNCTION refuse_hold_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'hold_is_in_force',
            MESSAGE = format('hold %s is in force, or keeps what it has kept', OLD.id), HINT = 'Release it: UPDATE holds SET released_at = now() …';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER p30_in_force BEFORE DELETE ON holds
    FOR EACH ROW WHEN (OLD.let_go_at IS NULL) EXECUTE FUNCTION refuse_hold_deletion();

CREATE FUNCTION audit_holds() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'hold_placed' ELSE 'hold_released' END,
                  workspace_id => NEW.workspace_id, target_type => 'hold', target_id => NEW.id,
                  after => CASE TG_OP WHEN 'INSERT' THEN hold_scope(NEW) || jsonb_build_object('reason', NEW.reason)
                                      ELSE jsonb_build_object('reason', NEW.release_reason) END);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT ON holds FOR EACH ROW EXECUTE FUNCTION audit_holds();
CREATE TRIGGER p50_audit_released AFTER UPDATE ON holds
    FOR EACH ROW WHEN (OLD.released_at IS NULL AND NEW.released_at IS NOT NULL) EXECUTE FUNCTION audit_holds();
