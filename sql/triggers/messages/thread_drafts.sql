CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON thread_drafts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON thread_drafts
    FOR EACH ROW WHEN ((OLD.thread_id, OLD.user_id, OLD.chat_id) IS DISTINCT FROM (NEW.thread_id, NEW.user_id, NEW.chat_id))
    EXECUTE FUNCTION refuse_key_change();

CREATE TRIGGER p20_touch BEFORE UPDATE ON thread_drafts
    FOR EACH ROW WHEN (OLD.content <> NEW.content) EXECUTE FUNCTION touch_updated_at();

-- A draft is in the chat of its thread, which stays until COMMIT. A user's new drafts are counted one transaction at a time.
CREATE FUNCTION fill_thread_draft() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.thread_drafts'), hashint8(NEW.user_id));
    SELECT chat_id INTO NEW.chat_id FROM messages WHERE id = NEW.thread_id AND thread_id IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'thread_drafts_thread_id_fkey',
            MESSAGE = format('no thread begins with a message %s', NEW.thread_id),
            HINT = 'Name the message that the thread began with.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT ON thread_drafts
    FOR EACH ROW EXECUTE FUNCTION fill_thread_draft();

-- A snapshot has all of them, so they are few.
CREATE FUNCTION refuse_many_thread_drafts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM thread_drafts WHERE user_id IN (SELECT user_id FROM added)
               GROUP BY user_id HAVING count(*) > snapshot_threads()) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'thread_drafts_amount',
            MESSAGE = format('a user has drafts in at most %s threads', snapshot_threads());
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_amount AFTER INSERT ON thread_drafts REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_many_thread_drafts();

-- As log_drafts(). A draft that goes with its thread has no event either: MessageDeleted and ChatUpdated imply it.
CREATE FUNCTION log_thread_drafts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET enable_seqscan = off AS $$
DECLARE
    draft thread_drafts := coalesce(NEW, OLD);
BEGIN
    IF EXISTS (SELECT FROM chat_members WHERE chat_id = draft.chat_id AND user_id = draft.user_id)
       AND EXISTS (SELECT FROM messages WHERE id = draft.thread_id) THEN
        PERFORM log_append('DraftChanged', 'user', row_to_json(shape), chat_id => shape.chat_id, user_id => shape.user_id,
                           about => shape.thread_id, tombstone => 'null')
        FROM (SELECT draft.chat_id, draft.user_id, draft.thread_id,
                     (SELECT thread_draft_json(d) FROM thread_drafts d WHERE TG_OP <> 'DELETE' AND d = NEW) AS draft) shape;
    ELSE
        PERFORM log_append(NULL, NULL, NULL, chat_id => draft.chat_id, user_id => draft.user_id, about => draft.thread_id, tombstone => 'null');
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON thread_drafts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_thread_drafts();
CREATE CONSTRAINT TRIGGER p90_log_content AFTER UPDATE ON thread_drafts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.content <> NEW.content) EXECUTE FUNCTION log_thread_drafts();
