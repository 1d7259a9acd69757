CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON thread_followers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON thread_followers
    FOR EACH ROW WHEN ((OLD.thread_id, OLD.user_id, OLD.chat_id) IS DISTINCT FROM (NEW.thread_id, NEW.user_id, NEW.chat_id))
    EXECUTE FUNCTION refuse_key_change();

-- A new follower has read everything, in the chat of the thread. There are no replies until COMMIT, so the published
-- thread is exact.
CREATE FUNCTION fill_thread_follower() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    SELECT chat_id, coalesce(NEW.last_read_seq, (thread ->> 'last_seq')::bigint, 0) INTO NEW.chat_id, NEW.last_read_seq
    FROM messages WHERE id = NEW.thread_id AND thread_id IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'thread_followers_thread_id_fkey',
            MESSAGE = format('no thread begins with a message %s', NEW.thread_id),
            HINT = 'Follow the message that the thread began with.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON thread_followers
    FOR EACH ROW WHEN (NEW.chat_id IS NULL OR NOT importing()) EXECUTE FUNCTION fill_thread_follower();

-- If the thread or the membership is gone, MessageDeleted or UserLeftChat implies it. An import tells of those that are shown.
CREATE FUNCTION log_thread_followers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF importing() AND EXISTS (SELECT FROM import_followers WHERE root_id = NEW.thread_id AND user_id = NEW.user_id AND NOT told) THEN
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM log_append('ThreadFollowed', 'user', followed_thread_json(f, root), chat_id => f.chat_id, user_id => f.user_id)
        FROM thread_followers f JOIN messages root ON root.id = f.thread_id
        WHERE f.thread_id = NEW.thread_id AND f.user_id = NEW.user_id;
    ELSE
        PERFORM log_append('ThreadUnfollowed', 'user', row_to_json(shape), chat_id => OLD.chat_id, user_id => OLD.user_id)
        FROM (SELECT OLD.chat_id, OLD.thread_id, OLD.user_id) shape
        WHERE EXISTS (SELECT FROM messages WHERE id = OLD.thread_id)
          AND EXISTS (SELECT FROM chat_members WHERE chat_id = OLD.chat_id AND user_id = OLD.user_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON thread_followers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_thread_followers();

-- A user's own reply moves their read position too, but NewMessage implies that: only separate moves are published.
CREATE FUNCTION log_thread_read_markers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('ThreadReadMarkerMoved', 'user', row_to_json(shape), chat_id => NEW.chat_id, user_id => NEW.user_id)
    FROM (SELECT NEW.chat_id, NEW.thread_id, NEW.user_id, NEW.last_read_seq) shape;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log_read AFTER UPDATE ON thread_followers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.last_read_seq <> NEW.last_read_seq AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION log_thread_read_markers();
