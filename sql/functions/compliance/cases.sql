-- Exports for a case: who may have one, and what is in it.

-- How long an approval is good for.
CREATE FUNCTION case_days() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 7';

CREATE FUNCTION case_status(c cases) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.approved IS NULL THEN 'asked' WHEN NOT c.approved THEN 'declined'
                WHEN c.expires_at <= now() THEN 'expired' ELSE 'approved' END
$$;

CREATE FUNCTION case_json(c cases) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT c.id, c.workspace_id, c.hold_id, c.reason, case_status(c) AS status, c.asked_by, c.asked_at, c.decided_by, c.decided_at,
               c.expires_at, c.exported_at, c.records, encode(c.sha256, 'hex') AS sha256
    ) shape
$$;

CREATE FUNCTION refuse_case(c cases) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'case_is_approved',
        MESSAGE = format('case %s cannot be exported: it is not approved, its approval is over, or its hold is released', c.id);
END
$$;

-- Refuses cases of a workspace where the operator has not allowed them (ops.let_export_cases), in psql too.
CREATE FUNCTION require_leave_to_export_cases(workspace bigint) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM workspaces WHERE id = workspace AND may_export_cases) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'workspace_may_not_export_cases',
            MESSAGE = format('workspace %s may not export cases', workspace), HINT = format('SELECT * FROM ops.let_export_cases(%s);', workspace);
    END IF;
END
$$;

-- The case, if it may be exported now.
CREATE FUNCTION approved_case(wanted bigint) RETURNS cases LANGUAGE plpgsql STABLE AS $$
DECLARE
    found cases;
BEGIN
    SELECT c.* INTO found FROM cases c WHERE c.id = wanted;
    IF case_status(found) IS DISTINCT FROM 'approved'
       OR EXISTS (SELECT FROM holds WHERE id = found.hold_id AND released_at IS NOT NULL) THEN
        PERFORM refuse_case(found);
    END IF;
    PERFORM require_leave_to_export_cases(found.workspace_id);
    RETURN found;
END
$$;

-- Begins an export, and says so in the audit log. Returns what its first line says.
CREATE FUNCTION begin_case_export(wanted bigint) RETURNS json LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    c CONSTANT cases := approved_case(wanted);
BEGIN
    PERFORM audit('case_export_begun', workspace_id => c.workspace_id, target_type => 'case', target_id => c.id);
    RETURN (SELECT row_to_json(shape) FROM (
        SELECT c.id AS case_id, c.workspace_id, w.name AS workspace, c.reason, c.asked_by, c.asked_at, c.decided_by AS approved_by,
               c.decided_at AS approved_at, acting_user() AS exported_by, now() AS begun_at, hold_json(h) AS hold
        FROM workspaces w, holds h WHERE w.id = c.workspace_id AND h.id = c.hold_id) shape);
END
$$;

-- Ends an export: how many records it had, and the hash of its last line, by which a copy is recognised.
CREATE FUNCTION end_case_export(wanted bigint, amount bigint, hash bytea) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE cases SET (exported_at, records, sha256) = (now(), amount, hash) WHERE id = wanted;
END
$$;

CREATE FUNCTION held_files_json(ids bigint[]) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_agg(json_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size, 'sha256', encode(f.sha256, 'hex')) ORDER BY f.id)
    FROM files f WHERE f.id = ANY (ids)
$$;

-- The next part of an export: messages that are there, chat by chat, then what is kept. Of `amount` rows that it looks at, those
-- that the hold covers have a record. Where the last one stood is where the next part begins.
CREATE FUNCTION case_records(wanted bigint, after_part integer, after_place bigint, after_seq bigint, amount integer)
RETURNS TABLE (part integer, place bigint, seq bigint, record json) LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    c CONSTANT cases := approved_case(wanted);
    h holds;
    chat chats;
    left_over integer := amount;
    found integer;
BEGIN
    SELECT * INTO h FROM holds WHERE id = c.hold_id;
    IF after_part = 1 THEN
        FOR chat IN SELECT * FROM chats WHERE workspace_id = c.workspace_id AND id >= after_place AND (h.chat_id IS NULL OR id = h.chat_id)
                    ORDER BY id LOOP
            RETURN QUERY
            SELECT 1, m.chat_id, m.seq, CASE WHEN m.deleted_at IS NULL AND hold_covers(h, m.chat_id, m.sender_id, m.created_at) THEN (
                SELECT row_to_json(shape) FROM (
                    SELECT 'message' AS kind, m.id AS message_id, m.chat_id, chat.type AS chat_type, chat.name AS chat_name, m.seq, m.sender_id,
                           u.username AS sender_username, u.fullname AS sender_fullname, m.created_at AS posted_at,
                           coalesce(m.updated_at, m.created_at) AS written_at, NULL::text AS lost, NULL::timestamptz AS lost_at,
                           jsonb_build_object('type', m.type, 'content', m.content, 'metadata', m.metadata, 'files', m.files,
                                              'reply_to', m.reply_to, 'thread_id', m.thread_id, 'forwarded_from', m.forwarded_from) AS content,
                           held_files_json(m.files) AS files,
                           (SELECT json_agg(json_build_object('version', e.version, 'written_at', e.written_at, 'type', e.type, 'content', e.content,
                                                              'metadata', e.metadata, 'files', e.files) ORDER BY e.version)
                            FROM message_edits e WHERE e.message_id = m.id) AS earlier
                    FROM users u WHERE u.id = m.sender_id) shape) END
            FROM messages m WHERE m.chat_id = chat.id AND m.seq > CASE WHEN chat.id = after_place THEN after_seq ELSE 0 END
            ORDER BY m.seq LIMIT left_over;
            GET DIAGNOSTICS found = ROW_COUNT;
            left_over := left_over - found;
            IF left_over <= 0 THEN
                RETURN;
            END IF;
        END LOOP;
    END IF;
    RETURN QUERY
    SELECT 2, k.id, 0::bigint, CASE WHEN c.hold_id = ANY (k.hold_ids) THEN (
        SELECT row_to_json(shape) FROM (
            SELECT k.kind, k.message_id, k.chat_id, there.type AS chat_type, there.name AS chat_name, k.seq, k.user_id AS sender_id,
                   u.username AS sender_username, u.fullname AS sender_fullname, k.posted_at, k.written_at, k.lost, k.lost_at, k.lost_by, k.version,
                   k.content, held_files_json(ARRAY(SELECT file_id FROM held_files f WHERE f.content_id = k.id)) AS files
            FROM users u LEFT JOIN chats there ON there.id = k.chat_id WHERE u.id = k.user_id) shape) END
    FROM held_content k WHERE k.workspace_id = c.workspace_id AND k.id > CASE WHEN after_part = 2 THEN after_place ELSE 0 END
    ORDER BY k.id LIMIT left_over;
END
$$;
