CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON messages
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Gives a message its place in the chat. The chat's row lock makes seq dense and keeps it in commit order. Messages
-- that the statement has already placed are not in last_seq yet: count_messages() moves it once for all of its rows.
-- These plans are kept, also one made while the tables were small: they use the indexes whatever the statistics said
-- then. post_messages(), which has locked the chats, numbers its rows itself. The servers' roles cannot set a seq; nor can
-- another role that is granted the columns that they are, and not INSERT on the whole table.
CREATE FUNCTION place_message() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    archived timestamptz;
BEGIN
    SELECT greatest(last_seq, (SELECT max(seq) FROM messages WHERE chat_id = NEW.chat_id)) + 1, archived_at
    INTO NEW.seq, archived
    FROM chats WHERE id = NEW.chat_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse_stranger(NEW.chat_id, NEW.sender_id);
    ELSIF archived IS NOT NULL THEN
        PERFORM refuse_archived(NEW.chat_id);
    END IF;
    NEW.id := nextval('messages_id_seq');
    NEW.created_at := least(NEW.created_at, now());
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_place BEFORE INSERT ON messages
    FOR EACH ROW WHEN (NEW.seq IS NULL OR current_setting('fechatter.numbered', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION place_message();

-- What the rules of the workspace do not let be said is refused, redacted or flagged, before mentions are looked for in it.
-- What a reviewer releases has been judged. post_messages() asks once for all of its rows whether there is any rule.
CREATE FUNCTION judge_message() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    place bigint;
    verdict dlp_verdict;
BEGIN
    IF NOT EXISTS (SELECT FROM dlp_screens) THEN
        RETURN NEW;
    END IF;
    place := (SELECT workspace_id FROM chats WHERE id = NEW.chat_id);
    verdict := dlp_judge(place, NEW.content, NEW.metadata);
    IF verdict.action IS NULL OR EXISTS (
        SELECT FROM held_messages h WHERE h.id = nullif(current_setting('fechatter.releases', true), '')::bigint AND h.status = 'released'
        AND h.message_id IS NULL AND (h.chat_id, h.sender_id, h.content) = (NEW.chat_id, NEW.sender_id, NEW.content)) THEN
        RETURN NEW;
    ELSIF verdict.action = 'block' THEN
        PERFORM refuse_blocked(verdict);
    ELSIF verdict.action = 'flag' THEN
        INSERT INTO held_messages (workspace_id, chat_id, sender_id, message_id, rule_id, rule_name, action, content)
        VALUES (place, NEW.chat_id, NEW.sender_id, NEW.id, verdict.rule_id, verdict.rule_name, 'flag', coalesce(verdict.content, NEW.content));
    END IF;
    NEW.content := coalesce(verdict.content, NEW.content);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_place_judged BEFORE INSERT ON messages
    FOR EACH ROW WHEN (current_setting('fechatter.unjudged', true) IS DISTINCT FROM 'on' OR NEW.seq IS NULL)
    EXECUTE FUNCTION judge_message();
CREATE TRIGGER p20_change_judged BEFORE UPDATE OF content, metadata ON messages
    FOR EACH ROW WHEN (NEW.deleted_at IS NULL AND (OLD.content, OLD.metadata) IS DISTINCT FROM (NEW.content, NEW.metadata))
    EXECUTE FUNCTION judge_message();

-- A reply's place in its thread, under the lock of the chat.
CREATE FUNCTION place_reply() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    SELECT coalesce(thread_id, id) INTO NEW.thread_id FROM messages WHERE id = NEW.reply_to AND chat_id = NEW.chat_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'reply_to_in_chat',
            MESSAGE = format('chat %s has no message %s to reply to', NEW.chat_id, NEW.reply_to),
            HINT = 'Reply to a message of the same chat.';
    END IF;
    SELECT greatest((SELECT (thread ->> 'last_seq')::bigint FROM messages WHERE id = NEW.thread_id),
                    (SELECT thread_seq FROM messages WHERE thread_id = NEW.thread_id ORDER BY seq DESC LIMIT 1), 0) + 1
    INTO NEW.thread_seq;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_place_reply BEFORE INSERT ON messages
    FOR EACH ROW WHEN (NEW.reply_to IS NOT NULL AND NOT importing()) EXECUTE FUNCTION place_reply();

-- Mentions are found with the chat locked, and again by every edit; a tombstone mentions nobody, and what is
-- forwarded has been said elsewhere.
CREATE FUNCTION fill_mentions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.mentions := NULL;
    NEW.mentions_everyone := NULL;
    IF strpos(NEW.content, '@') > 0 AND NEW.forwarded_from IS NULL THEN
        SELECT people, everyone INTO NEW.mentions, NEW.mentions_everyone
        FROM find_mentions(NEW.chat_id, NEW.sender_id, NEW.content);
    END IF;
    RETURN NEW;
END
$$;
-- After `place`, which locks the chat, and after `bury`, which takes the content: of one phase, by the order of names.
CREATE TRIGGER p20_place_mentions BEFORE INSERT ON messages
    FOR EACH ROW WHEN ((strpos(NEW.content, '@') > 0 OR NEW.mentions IS NOT NULL OR NEW.mentions_everyone IS NOT NULL) AND NOT importing())
    EXECUTE FUNCTION fill_mentions();
CREATE TRIGGER p20_mention BEFORE UPDATE OF content, metadata, deleted_at, mentions, mentions_everyone ON messages
    FOR EACH ROW WHEN ((OLD.content, OLD.mentions, OLD.mentions_everyone)
                       IS DISTINCT FROM (NEW.content, NEW.mentions, NEW.mentions_everyone))
    EXECUTE FUNCTION fill_mentions();

-- Once per statement, since updating a row for each of many messages leaves a dead version each time. A user's own
-- message counts as read. A membership read under the chat's row lock cannot be removed before COMMIT. Each is looked up by
-- its key, also where a hash of all of them looks cheaper.
CREATE FUNCTION count_messages() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    members integer;
    senders integer;
    replies bigint[];
BEGIN
    -- A row trigger of somebody else's may have posted a reply to one of these already.
    UPDATE chats SET last_seq = greatest(last_seq, (SELECT max(seq) FROM placed WHERE chat_id = chats.id))
    WHERE id = ANY (ARRAY(SELECT DISTINCT chat_id FROM placed));
    UPDATE chat_members SET last_read_seq = newest.seq, read_at = now(), late_mentions = NULL
    FROM (SELECT chat_id, sender_id, max(seq) AS seq FROM placed GROUP BY chat_id, sender_id) newest
    WHERE chat_members.chat_id = newest.chat_id AND user_id = newest.sender_id AND (silenced_until > now()) IS NOT TRUE;
    GET DIAGNOSTICS members = ROW_COUNT;
    SELECT count(DISTINCT (chat_id, sender_id)), array_agg(id) FILTER (WHERE thread_id IS NOT NULL) INTO senders, replies FROM placed;
    IF members < senders THEN
        PERFORM require_may_post(chat_id, sender_id) FROM placed;
    END IF;
    IF replies IS NOT NULL THEN
        PERFORM grow_threads(replies);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count AFTER INSERT ON messages REFERENCING NEW TABLE AS placed
    FOR EACH STATEMENT WHEN (NOT importing()) EXECUTE FUNCTION count_messages();

CREATE TRIGGER p30_final_key BEFORE UPDATE OF id, chat_id, seq, sender_id, reply_to, thread_id, thread_seq, created_at ON messages
    FOR EACH ROW WHEN (
        (OLD.id, OLD.chat_id, OLD.seq, OLD.sender_id, OLD.reply_to, OLD.thread_id, OLD.thread_seq, OLD.created_at)
        IS DISTINCT FROM (NEW.id, NEW.chat_id, NEW.seq, NEW.sender_id, NEW.reply_to, NEW.thread_id, NEW.thread_seq, NEW.created_at))
    EXECUTE FUNCTION refuse_key_change();

-- What a hold covers is kept before it is edited or deleted (functions/compliance/holds.sql). Of a chat that is being deleted
-- it has been kept already.
CREATE FUNCTION hold_before_loss() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    workspace CONSTANT bigint := (SELECT workspace_id FROM chats WHERE id = OLD.chat_id);
BEGIN
    IF workspace IS NOT NULL AND is_held(workspace) THEN
        PERFORM hold_message(OLD, workspace, CASE WHEN TG_OP = 'DELETE' OR NEW.deleted_at IS NOT NULL THEN 'deleted' ELSE 'edited' END);
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER p10_hold BEFORE DELETE ON messages
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL) EXECUTE FUNCTION hold_before_loss();
CREATE TRIGGER p10_hold_changed BEFORE UPDATE OF type, content, metadata, files, deleted_at ON messages
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL
                       AND (OLD.type, OLD.content, OLD.metadata, OLD.files, NEW.deleted_at IS NULL)
                           IS DISTINCT FROM (NEW.type, NEW.content, NEW.metadata, NEW.files, true))
    EXECUTE FUNCTION hold_before_loss();

-- A deletion is final: no content is left to restore.
CREATE FUNCTION refuse_resurrection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_deleted(OLD.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p30_final_tombstone BEFORE UPDATE OF type, content, metadata, files, forwarded_from, deleted_at, deleted_by ON messages
    FOR EACH ROW WHEN (OLD.deleted_at IS NOT NULL
                       AND (OLD.type, OLD.content, OLD.metadata, OLD.files, OLD.forwarded_from, OLD.deleted_at, OLD.deleted_by)
                           IS DISTINCT FROM (NEW.type, NEW.content, NEW.metadata, NEW.files, NEW.forwarded_from, NEW.deleted_at, NEW.deleted_by))
    EXECUTE FUNCTION refuse_resurrection();

-- A forward repeats what its source said; editing it would put words into another user's mouth.
CREATE FUNCTION refuse_forward_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'forward_is_final',
        MESSAGE = format('message %s is a forward and keeps the text of its source', OLD.id),
        HINT = 'Delete it, or post another message.';
END
$$;
CREATE TRIGGER p30_final_forward BEFORE UPDATE OF type, content, metadata, files, forwarded_from ON messages
    FOR EACH ROW WHEN (OLD.forwarded_from IS NOT NULL AND NEW.deleted_at IS NULL
                       AND (OLD.type, OLD.content, OLD.metadata, OLD.files, OLD.forwarded_from)
                           IS DISTINCT FROM (NEW.type, NEW.content, NEW.metadata, NEW.files, NEW.forwarded_from))
    EXECUTE FUNCTION refuse_forward_change();

CREATE FUNCTION bury_message() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM message_edits WHERE message_id = OLD.id;
    IF acting_user() = NEW.sender_id THEN
        NEW.delegate_id := acting_delegate();
    END IF;
    RETURN tombstone(NEW);
END
$$;
CREATE TRIGGER p20_bury BEFORE UPDATE OF deleted_at ON messages
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION bury_message();

-- Files and links are no longer used by it. Others' reactions and pins are deleted too, afterwards, since a deleted reaction is counted on an existing message.
CREATE FUNCTION strip_message() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM message_reactions WHERE message_id = NEW.id;
    DELETE FROM message_pins WHERE message_id = NEW.id;
    DELETE FROM file_uses WHERE message_id = NEW.id;
    DELETE FROM link_lookups WHERE message_id = NEW.id;
    DELETE FROM link_uses WHERE message_id = NEW.id;
    DELETE FROM held_messages WHERE message_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_strip AFTER UPDATE OF deleted_at ON messages
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION strip_message();

-- A user who edits must be allowed to write in the chat; an operator may redact.
CREATE FUNCTION edit_message() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_may_post(OLD.chat_id, acting_user());
    INSERT INTO message_edits (message_id, version, type, content, metadata, files, written_at)
    SELECT OLD.id, 1 + count(*), OLD.type, OLD.content, OLD.metadata, OLD.files, coalesce(OLD.updated_at, OLD.created_at)
    FROM message_edits WHERE message_id = OLD.id;
    NEW.updated_at := clock_timestamp();
    IF acting_user() = NEW.sender_id THEN
        NEW.delegate_id := acting_delegate();
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_edit BEFORE UPDATE OF type, content, metadata, files ON messages
    FOR EACH ROW WHEN (NEW.deleted_at IS NULL
                       AND (OLD.type, OLD.content, OLD.metadata, OLD.files)
                           IS DISTINCT FROM (NEW.type, NEW.content, NEW.metadata, NEW.files))
    EXECUTE FUNCTION edit_message();

CREATE FUNCTION audit_messages() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE WHEN TG_OP = 'DELETE' OR NEW.deleted_at IS NOT NULL THEN 'message_deleted' ELSE 'message_edited' END,
                  workspace_id => workspace_id, chat_id => chats.id, target_type => 'message', target_id => OLD.id,
                  before => jsonb_build_object('seq', OLD.seq, 'sender_id', OLD.sender_id))
    FROM chats WHERE chats.id = OLD.chat_id AND chats.first_seq <= OLD.seq;
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit_deleted AFTER DELETE ON messages
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.sender_id) EXECUTE FUNCTION audit_messages();

CREATE TRIGGER p50_audit_buried AFTER UPDATE OF deleted_at ON messages
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.sender_id AND OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
    EXECUTE FUNCTION audit_messages();

CREATE TRIGGER p50_audit_edited AFTER UPDATE OF content ON messages
    FOR EACH ROW WHEN (acting_user() IS DISTINCT FROM OLD.sender_id AND OLD.content <> NEW.content)
    EXECUTE FUNCTION audit_messages();

-- Whoever writes in somebody else's name needs a delegation in force, in psql too.
CREATE FUNCTION check_delegate_of_message() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_delegation(NEW.delegate_id, NEW.sender_id,
                               CASE TG_OP WHEN 'INSERT' THEN 'chat.post_message' ELSE 'chat.edit_own_messages' END, NEW.chat_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_delegate BEFORE INSERT ON messages
    FOR EACH ROW WHEN (NEW.delegate_id IS NOT NULL) EXECUTE FUNCTION check_delegate_of_message();
CREATE TRIGGER p30_delegate_anew BEFORE UPDATE OF type, content, metadata, files, deleted_at, delegate_id ON messages
    FOR EACH ROW WHEN (OLD.delegate_id IS DISTINCT FROM NEW.delegate_id AND NEW.delegate_id IS NOT NULL)
    EXECUTE FUNCTION check_delegate_of_message();

-- Maintains the table `mentions`: the message's mentions, by mentioned user.
CREATE FUNCTION keep_mentions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM mentions WHERE message_id = NEW.id;
        PERFORM mention_late(OLD, NEW);
    END IF;
    INSERT INTO mentions (message_id, chat_id, seq, user_id)
    SELECT NEW.id, NEW.chat_id, NEW.seq, person FROM unnest(NEW.mentions) AS person
    UNION ALL SELECT NEW.id, NEW.chat_id, NEW.seq, NULL WHERE NEW.mentions_everyone IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_mentioned AFTER INSERT ON messages
    FOR EACH ROW WHEN (NEW.mentions IS NOT NULL OR NEW.mentions_everyone IS NOT NULL) EXECUTE FUNCTION keep_mentions();
CREATE TRIGGER p95_mentioned_anew AFTER UPDATE OF content, metadata, deleted_at, mentions, mentions_everyone ON messages
    FOR EACH ROW WHEN ((OLD.mentions, OLD.mentions_everyone) IS DISTINCT FROM (NEW.mentions, NEW.mentions_everyone))
    EXECUTE FUNCTION keep_mentions();

-- A forward takes its files along into its own workspace.
CREATE FUNCTION bring_forwarded_files() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.files := bring_files(NEW.files, NEW.sender_id, NEW.chat_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_bring_files BEFORE INSERT ON messages
    FOR EACH ROW WHEN (NEW.files IS NOT NULL AND NEW.forwarded_from IS NOT NULL AND NOT importing()) EXECUTE FUNCTION bring_forwarded_files();

-- A message has only files that its sender may see, of its own workspace. What an edit adds is checked, not what it leaves.
CREATE FUNCTION refuse_foreign_files() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    foreign_file bigint;
BEGIN
    -- From here on they stay: whoever removes a file's last other use waits, and then sees this one.
    PERFORM FROM files WHERE id = ANY (NEW.files) ORDER BY id FOR KEY SHARE;
    foreign_file := unusable_file(NEW.files, NEW.sender_id, NEW.chat_id);
    IF foreign_file IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'message_files_are_seen',
            MESSAGE = format('user %s cannot use file %s in chat %s', NEW.sender_id, foreign_file, NEW.chat_id),
            HINT = 'A message may have each file once: of the workspace of its chat, and one that its sender may see.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_files BEFORE INSERT ON messages
    FOR EACH ROW WHEN (NEW.files IS NOT NULL AND NOT importing()) EXECUTE FUNCTION refuse_foreign_files();
CREATE TRIGGER p30_files_anew BEFORE UPDATE OF files ON messages
    FOR EACH ROW WHEN (NEW.files IS NOT NULL AND OLD.files IS DISTINCT FROM NEW.files AND NEW.deleted_at IS NULL)
    EXECUTE FUNCTION refuse_foreign_files();

-- Maintains `file_uses`. What an edit takes away is still used by the message's earlier content, which its members may read.
CREATE FUNCTION use_files() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO file_uses (file_id, message_id, chat_id)
    SELECT file, NEW.id, NEW.chat_id FROM unnest(NEW.files) AS file ORDER BY file ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_files AFTER INSERT ON messages
    FOR EACH ROW WHEN (NEW.files IS NOT NULL) EXECUTE FUNCTION use_files();
CREATE TRIGGER p95_files_anew AFTER UPDATE OF files ON messages
    FOR EACH ROW WHEN (NEW.files IS NOT NULL AND OLD.files IS DISTINCT FROM NEW.files) EXECUTE FUNCTION use_files();

-- An edit leaves what is shown of the links that are still there.
CREATE FUNCTION keep_links() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.links := links_left(NEW);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_keep_links BEFORE UPDATE OF content, metadata ON messages
    FOR EACH ROW WHEN (OLD.links IS NOT NULL AND NEW.links IS NOT NULL AND NEW.deleted_at IS NULL
                       AND (OLD.content, OLD.metadata) IS DISTINCT FROM (NEW.content, NEW.metadata))
    EXECUTE FUNCTION keep_links();

-- What is no longer shown is no longer used by it, and no longer looked up if it was removed.
CREATE FUNCTION release_links() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM link_uses WHERE message_id = NEW.id
        AND link_preview_id NOT IN (SELECT (link -> 'id')::bigint FROM jsonb_array_elements(NEW.links) AS link WHERE link ->> 'kind' = 'website');
    DELETE FROM link_lookups WHERE message_id = NEW.id AND NEW.links = '[]';
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_release_links AFTER UPDATE OF content, metadata, links ON messages
    FOR EACH ROW WHEN (OLD.links IS DISTINCT FROM NEW.links AND NEW.deleted_at IS NULL
                       AND (NEW.links = '[]' OR (OLD.content, OLD.metadata) IS DISTINCT FROM (NEW.content, NEW.metadata)))
    EXECUTE FUNCTION release_links();

CREATE FUNCTION log_links() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('MessageLinksUpdated', 'chat', message_json(NEW), chat_id => NEW.chat_id, message_id => NEW.id);
    RETURN NULL;
END
$$;
-- With an edit or a deletion, its own event has the links.
CREATE CONSTRAINT TRIGGER p90_log_links AFTER UPDATE OF links ON messages DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.links IS DISTINCT FROM NEW.links
                       AND (OLD.type, OLD.content, OLD.metadata, OLD.files, OLD.forwarded_from, OLD.deleted_at)
                           IS NOT DISTINCT FROM (NEW.type, NEW.content, NEW.metadata, NEW.files, NEW.forwarded_from, NEW.deleted_at))
    EXECUTE FUNCTION log_links();

-- The events of a statement's new messages, gathered together. Their place in the log is this trigger's turn at COMMIT.
CREATE FUNCTION log_new_messages() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    batch CONSTANT bigint := log_new_batch();
BEGIN
    INSERT INTO log_pending (first, batch, opens_batch, kind, audience, payload, chat_id, message_id)
    SELECT false, batch, row_number() OVER (ORDER BY (m).id) = 1, 'NewMessage', 'chat', message_json(m), (m).chat_id, (m).id
    FROM (SELECT ROW(placed.*)::messages AS m FROM placed OFFSET 0) placed ORDER BY (m).id;
    RETURN NULL;
END
$$;
-- Whether post_messages() gathers the events of this INSERT, with the JSON that it answers. Anybody may set the setting, but
-- it counts only for whoever may make triggers, and for no INSERT of a trigger within that one.
CREATE FUNCTION gathered() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT current_setting('fechatter.gathered', true) IS NOT DISTINCT FROM 'on' AND pg_trigger_depth() = 0
       AND has_table_privilege('public.messages', 'TRIGGER')
$$;
-- Before `count`, in which threads publish their replies.
CREATE TRIGGER p55_gather AFTER INSERT ON messages REFERENCING NEW TABLE AS placed
    FOR EACH STATEMENT WHEN (NOT gathered() AND NOT importing()) EXECUTE FUNCTION log_new_messages();

CREATE FUNCTION log_messages() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.deleted_at IS NULL THEN
        PERFORM log_append('MessageUpdated', 'chat', message_json(NEW), chat_id => NEW.chat_id, message_id => NEW.id);
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM log_append('MessageDeleted', 'chat', deleted_message_json(NEW, false), chat_id => NEW.chat_id,
                           message_id => NEW.id, tombstone => message_json(NEW));
    -- If its chat is gone, ChatDeleted implies it.
    ELSIF EXISTS (SELECT FROM chats WHERE id = OLD.chat_id AND first_seq <= OLD.seq) THEN
        PERFORM log_append('MessageDeleted', 'chat', deleted_message_json(gone, true), chat_id => gone.chat_id,
                           message_id => gone.id, tombstone => message_json(gone))
        FROM tombstone(OLD) gone;
    ELSIF EXISTS (SELECT FROM chats WHERE id = OLD.chat_id) THEN
        -- Retention deleted it: one ChatUpdated reports all that were deleted together.
        PERFORM log_append(NULL, NULL, NULL, chat_id => OLD.chat_id, message_id => OLD.id, tombstone => message_json(tombstone(OLD)));
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER DELETE ON messages DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_messages();
CREATE CONSTRAINT TRIGGER p90_log_change AFTER UPDATE OF type, content, metadata, files, forwarded_from, deleted_at ON messages DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.type, OLD.content, OLD.metadata, OLD.files, OLD.forwarded_from, OLD.deleted_at)
                       IS DISTINCT FROM (NEW.type, NEW.content, NEW.metadata, NEW.files, NEW.forwarded_from, NEW.deleted_at))
    EXECUTE FUNCTION log_messages();

-- A deleted reply no longer counts in its thread.
CREATE FUNCTION uncount_reply() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM shrink_thread(OLD);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_uncount AFTER UPDATE OF deleted_at ON messages
    FOR EACH ROW WHEN (OLD.thread_id IS NOT NULL AND OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION uncount_reply();
CREATE TRIGGER p95_uncount_removed AFTER DELETE ON messages
    FOR EACH ROW WHEN (OLD.thread_id IS NOT NULL AND OLD.deleted_at IS NULL) EXECUTE FUNCTION uncount_reply();

CREATE FUNCTION log_threads() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM log_append('ThreadUpdated', 'chat', row_to_json(shape), chat_id => NEW.chat_id)
    FROM (SELECT NEW.chat_id, NEW.id AS thread_id, NEW.thread) shape;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log_thread AFTER UPDATE OF thread ON messages DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.thread IS DISTINCT FROM NEW.thread) EXECUTE FUNCTION log_threads();
