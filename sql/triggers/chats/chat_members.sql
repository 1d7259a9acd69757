CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON chat_members
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE OF chat_id, user_id, workspace_id ON chat_members
    FOR EACH ROW WHEN ((OLD.chat_id, OLD.user_id, OLD.workspace_id) IS DISTINCT FROM (NEW.chat_id, NEW.user_id, NEW.workspace_id))
    EXECUTE FUNCTION refuse_key_change();

-- A new member has read everything, belongs to the workspace of the chat or is a guest of its organisation, and keeps the rest of
-- a silence.
CREATE FUNCTION fill_chat_member() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    left_of_silence timestamptz;
BEGIN
    SELECT workspace_id, coalesce(NEW.last_read_seq, last_seq) INTO NEW.workspace_id, NEW.last_read_seq
    FROM chats WHERE id = NEW.chat_id;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'chat_members_chat_fkey',
            MESSAGE = format('there is no chat %s', NEW.chat_id);
    END IF;
    NEW.guest_of := NULL;
    IF NOT EXISTS (SELECT FROM workspace_members w WHERE w.workspace_id = NEW.workspace_id AND w.user_id = NEW.user_id) THEN
        NEW.guest_of := guest_of(NEW.user_id, NEW.workspace_id, acting_user());
    END IF;
    DELETE FROM chat_silences WHERE chat_id = NEW.chat_id AND user_id = NEW.user_id RETURNING until INTO left_of_silence;
    NEW.silenced_until := greatest(NEW.silenced_until, left_of_silence);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON chat_members
    FOR EACH ROW EXECUTE FUNCTION fill_chat_member();

-- A guest has no role above member, but in a chat between two people, and brings in nobody: they see only whom they meet.
CREATE FUNCTION bound_guest() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.guest_of IS NOT NULL AND NEW.role <> 'member' AND (SELECT type FROM chats WHERE id = NEW.chat_id) <> 'Single' THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'guest_is_plain_member',
            MESSAGE = format('user %s is a guest in chat %s, and has no role above member', NEW.user_id, NEW.chat_id);
    END IF;
    IF TG_OP = 'INSERT' AND acting_user() <> NEW.user_id AND EXISTS (
           SELECT FROM chat_members m WHERE m.chat_id = NEW.chat_id AND m.user_id = acting_user() AND m.guest_of IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'guest_brings_nobody',
            MESSAGE = format('user %s is a guest in chat %s, and brings in nobody', acting_user(), NEW.chat_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_guest BEFORE INSERT OR UPDATE OF role ON chat_members FOR EACH ROW EXECUTE FUNCTION bound_guest();

-- Leaving and returning ends no silence.
CREATE FUNCTION keep_silence() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO chat_silences (chat_id, user_id, until) SELECT chats.id, users.id, OLD.silenced_until
    FROM chats, users WHERE chats.id = OLD.chat_id AND users.id = OLD.user_id  -- neither is just being deleted
    ON CONFLICT (chat_id, user_id) DO UPDATE SET until = excluded.until;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_keep_silence AFTER DELETE ON chat_members
    FOR EACH ROW WHEN (OLD.silenced_until > now()) EXECUTE FUNCTION keep_silence();

CREATE TRIGGER p60_count_added AFTER INSERT ON chat_members REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_members('chat');
CREATE TRIGGER p60_count_removed AFTER DELETE ON chat_members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_members('chat');

-- Under the chat's lock, which counting has acquired: banned users may not join, and nobody may join an archived chat.
CREATE FUNCTION admit_chat_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM refuse_banned(chat_id, user_id) FROM added JOIN chat_bans b USING (chat_id, user_id)
    WHERE (b.expires_at > now()) IS NOT FALSE;
    PERFORM refuse_archived(chat_id) FROM added JOIN chats ON chats.id = chat_id WHERE archived_at IS NOT NULL AND NOT importing();
    RETURN NULL;
END
$$;
CREATE FUNCTION refuse_banned(chat bigint, person bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'member_is_banned',
        MESSAGE = format('user %s is banned from chat %s', person, chat),
        HINT = 'Lift the ban first: DELETE FROM chat_bans …';
END
$$;
CREATE TRIGGER p70_admit AFTER INSERT ON chat_members REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION admit_chat_members();

-- A removal takes the chat's row lock by its count. OF, here and below: the sender's row is updated with every message.
CREATE TRIGGER p10_lock_demote BEFORE UPDATE OF role ON chat_members
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION lock_place('chat');

CREATE CONSTRAINT TRIGGER p80_keeps_owner_demote AFTER UPDATE OF role ON chat_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION keeps_owner('chat');
CREATE CONSTRAINT TRIGGER p80_keeps_owner_leave AFTER DELETE ON chat_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION keeps_owner('chat');

-- A chat between two people is not audited.
CREATE TRIGGER p50_audit_added AFTER INSERT ON chat_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM NEW.user_id AND NOT importing()) EXECUTE FUNCTION audit_members('chat', 'type <> ''Single''');
CREATE TRIGGER p50_audit_removed AFTER DELETE ON chat_members
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.user_id) EXECUTE FUNCTION audit_members('chat', 'type <> ''Single''');
CREATE TRIGGER p50_audit_role AFTER UPDATE OF role ON chat_members
    FOR EACH ROW WHEN (OLD.role <> NEW.role) EXECUTE FUNCTION audit_members('chat', 'type <> ''Single''');

-- Clearing away an expired silence, ban or invite is not an act.
CREATE FUNCTION audit_silences() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.silenced_until IS NULL AND OLD.silenced_until <= now() THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE WHEN NEW.silenced_until IS NULL THEN 'chat_member_silence_ended' ELSE 'chat_member_silenced' END,
                  workspace_id => NEW.workspace_id, chat_id => NEW.chat_id, target_type => 'user', target_id => NEW.user_id,
                  before => jsonb_build_object('silenced_until', OLD.silenced_until),
                  after => jsonb_build_object('silenced_until', NEW.silenced_until));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_silence AFTER UPDATE OF silenced_until ON chat_members
    FOR EACH ROW WHEN (OLD.silenced_until IS DISTINCT FROM NEW.silenced_until) EXECUTE FUNCTION audit_silences();

CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE ON chat_members
    FOR EACH STATEMENT EXECUTE FUNCTION defer_log();

CREATE FUNCTION log_chat_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    present chats;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM log_defer('NewChat', 'user', 'chat_members', chat_id => NEW.chat_id, user_id => NEW.user_id,
                          effect => access_effect(NULL, NEW.role));
        -- After an import each member has a NewChat with all of them.
        IF NOT importing() THEN
            PERFORM log_defer('UserJoinedChat', 'chat', 'chat_members', chat_id => NEW.chat_id, user_id => NEW.user_id);
        END IF;
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM log_defer('ChatMemberUpdated', 'chat', 'chat_members', chat_id => NEW.chat_id, user_id => NEW.user_id,
                          effect => access_effect(OLD.role, NEW.role));
        -- A new admin must learn what the others know. The event goes to all of them: then a former admin does not see
        -- it in a replay.
        IF OLD.role = 'member' AND NEW.role <> 'member' THEN
            PERFORM log_defer('ChatAdminAdded', 'admins', 'chat_members', chat_id => NEW.chat_id, about => NEW.user_id);
        END IF;
        RETURN NULL;
    END IF;
    PERFORM refuse_old_snapshot();
    -- The state at COMMIT: a transaction that changes the count has held the row lock since then.
    SELECT * INTO present FROM chats WHERE id = OLD.chat_id;
    IF present IS NULL THEN
        PERFORM log_append('ChatDeleted', 'user', row_to_json(shape), chat_id => OLD.chat_id, user_id => OLD.user_id, effect => 'revoke')
        FROM (SELECT OLD.chat_id AS id, OLD.workspace_id) shape;
    ELSE
        PERFORM log_append('UserLeftChat', 'chat', row_to_json(shape), chat_id => OLD.chat_id, user_id => OLD.user_id, effect => 'revoke')
        FROM (SELECT OLD.chat_id, OLD.user_id, present.member_count) shape;
    END IF;
    RETURN NULL;
END
$$;

-- Under the log's lock, with the members at COMMIT, and a statement for each kind of event that there is. The part that all
-- joining members share is built once.
CREATE FUNCTION tell_chat_members() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
    kinds CONSTANT text[] := ARRAY(SELECT DISTINCT kind FROM log_pending WHERE xid = own);
BEGIN
    IF 'NewChat' = ANY (kinds) THEN
        WITH opened AS MATERIALIZED (
            SELECT c AS chat, shared
            FROM (SELECT chat_id, count(*) AS joiners FROM log_pending WHERE xid = own AND kind = 'NewChat' GROUP BY chat_id) joined
            JOIN chats c ON c.id = joined.chat_id
            CROSS JOIN LATERAL chat_shared(c, least(snapshot_bytes(), snapshot_bytes_of_joins() / joiners)) shared
        )
        UPDATE log_pending p SET payload = snapshot::json, effect = CASE WHEN p.effect IS NOT NULL THEN access_effect(NULL, m.role) END
        FROM opened JOIN chat_members m ON m.chat_id = (opened.chat).id
        CROSS JOIN LATERAL chat_snapshot_text(opened.chat, m, opened.shared, NULL, m.role <> 'member') snapshot
        WHERE p.xid = own AND p.kind = 'NewChat' AND p.chat_id = m.chat_id AND p.user_id = m.user_id;
    END IF;
    IF 'UserJoinedChat' = ANY (kinds) THEN
        UPDATE log_pending p SET payload = (SELECT row_to_json(shape) FROM (
            SELECT m.chat_id, m.user_id, u.username, u.fullname, u.avatar, u.status, custom_status_json(u) AS custom_status,
                   m.role, m.silenced_until, m.joined_at, m.last_read_seq, c.member_count) shape)
        FROM chat_members m JOIN users u ON u.id = m.user_id JOIN chats c ON c.id = m.chat_id
        WHERE p.xid = own AND p.kind = 'UserJoinedChat' AND p.chat_id = m.chat_id AND p.user_id = m.user_id;
    END IF;
    IF 'ChatMemberUpdated' = ANY (kinds) THEN
        UPDATE log_pending p SET payload = chat_member_json(m, u), effect = effect_at_commit(p.effect, m.role)
        FROM chat_members m JOIN users u ON u.id = m.user_id
        WHERE p.xid = own AND p.kind = 'ChatMemberUpdated' AND p.chat_id = m.chat_id AND p.user_id = m.user_id;
    END IF;
    IF 'ChatAdminAdded' = ANY (kinds) THEN
        UPDATE log_pending p SET payload = (SELECT row_to_json(shape) FROM (SELECT m.chat_id, m.user_id, bans, invites) shape)
        FROM chat_members m, newest_chat_bans_json(m.chat_id) bans, newest_invites_json(m.chat_id, NULL) invites
        WHERE p.xid = own AND p.kind = 'ChatAdminAdded' AND p.chat_id = m.chat_id AND p.about = m.user_id AND m.role <> 'member';
    END IF;
    IF 'ReadMarkerMoved' = ANY (kinds) THEN
        UPDATE log_pending p SET
            audience = CASE WHEN c.member_count <= snapshot_members() THEN 'chat' ELSE 'user' END,
            payload = (SELECT row_to_json(shape) FROM (SELECT m.chat_id, m.user_id, m.last_read_seq, mentioned.seqs AS unread_mentions) shape)
        FROM chat_members m JOIN chats c ON c.id = m.chat_id CROSS JOIN LATERAL unread_mentions(c, m) mentioned (seqs)
        WHERE p.xid = own AND p.kind = 'ReadMarkerMoved' AND p.chat_id = m.chat_id AND p.user_id = m.user_id;
    END IF;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON chat_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_chat_members();
CREATE CONSTRAINT TRIGGER p90_log_role AFTER UPDATE OF role, silenced_until ON chat_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.role, OLD.silenced_until) IS DISTINCT FROM (NEW.role, NEW.silenced_until))
    EXECUTE FUNCTION log_chat_members();

CREATE FUNCTION touch_read_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.read_at := now();
    IF NEW.last_read_seq > OLD.last_read_seq THEN
        NEW.late_mentions := seqs_above(NEW.late_mentions, NEW.last_read_seq);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_touch_read BEFORE UPDATE OF last_read_seq ON chat_members
    FOR EACH ROW WHEN (OLD.last_read_seq <> NEW.last_read_seq AND pg_trigger_depth() = 0) EXECUTE FUNCTION touch_read_at();

-- A user's own message moves their read position too (see messages.sql), but NewMessage implies that. Only separate
-- moves are published, and mentions that edits add and reading removes, to everyone who has the list of members with
-- their read positions. That depends on the chat's size: see tell_chat_members().
CREATE FUNCTION log_read_markers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF importing() THEN
        RETURN NULL;  -- NewChat has it
    END IF;
    PERFORM log_defer('ReadMarkerMoved', 'user', 'chat_members', chat_id => NEW.chat_id, user_id => NEW.user_id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log_read AFTER UPDATE OF last_read_seq, late_mentions ON chat_members DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.last_read_seq <> NEW.last_read_seq AND pg_trigger_depth() = 0
                       OR OLD.last_read_seq = NEW.last_read_seq AND OLD.late_mentions IS DISTINCT FROM NEW.late_mentions)
    EXECUTE FUNCTION log_read_markers();

CREATE FUNCTION log_chat_notifications() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('ChatNotificationsChanged', 'user', chat_notifications_json(NEW),
                       chat_id => NEW.chat_id, user_id => NEW.user_id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log_notifications AFTER UPDATE OF notification_level, muted_until ON chat_members
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.notification_level, OLD.muted_until) IS DISTINCT FROM (NEW.notification_level, NEW.muted_until))
    EXECUTE FUNCTION log_chat_notifications();

-- What was said in a chat while a held person was in it is still covered when they have left.
CREATE FUNCTION hold_left_chat() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF is_held(OLD.workspace_id) THEN
        INSERT INTO held_chats (hold_id, chat_id, until)
        SELECT h.id, OLD.chat_id, clock_timestamp() FROM holds h JOIN chats c ON c.id = OLD.chat_id
        WHERE h.workspace_id = OLD.workspace_id AND h.user_id = OLD.user_id AND h.released_at IS NULL
        ON CONFLICT (hold_id, chat_id) DO UPDATE SET until = excluded.until;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_hold AFTER DELETE ON chat_members FOR EACH ROW EXECUTE FUNCTION hold_left_chat();

CREATE TRIGGER p30_bot BEFORE INSERT OR UPDATE OF role ON chat_members
    FOR EACH ROW WHEN (NEW.role = 'owner') EXECUTE FUNCTION bound_bot();
