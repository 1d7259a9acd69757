-- Deletion of a person (GDPR, article 17). What others have said stays readable; what the person has said and is goes, but
-- for what a legal hold keeps. It takes two kinds of transaction: delete_person() takes the account away from the person,
-- and tells those who know them; then erase_person() is called until it returns true. Either may be repeated.

-- What a person's row says from then on.
CREATE FUNCTION name_of_deleted() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'Deleted user' $$;

-- Workspaces that nobody but the person is in: they go with the person. Bots are nobody, and neither are deleted people.
CREATE FUNCTION workspaces_alone(person bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT m.workspace_id FROM workspace_members m WHERE m.user_id = person AND NOT EXISTS (
        SELECT FROM workspace_members o JOIN users u ON u.id = o.user_id
        WHERE o.workspace_id = m.workspace_id AND o.user_id <> person AND u.kind = 'person' AND u.deleted_at IS NULL)
    ORDER BY 1
$$;

-- The same of organisations.
CREATE FUNCTION organizations_alone(person bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT m.organization_id FROM organization_members m WHERE m.user_id = person AND NOT EXISTS (
        SELECT FROM organization_members o JOIN users u ON u.id = o.user_id
        WHERE o.organization_id = m.organization_id AND o.user_id <> person AND u.deleted_at IS NULL)
    ORDER BY 1
$$;

-- Why somebody cannot be deleted yet: places with other people in them of which they are the only owner. An owner who has been
-- deleted is none, though their membership is not erased yet.
CREATE FUNCTION owned_alone(person bigint) RETURNS TABLE (kind text, id bigint, name text) LANGUAGE sql STABLE AS $$
    SELECT 'workspace', w.id, w.name FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.user_id = person AND m.role = 'owner' AND m.workspace_id NOT IN (SELECT workspaces_alone(person))
      AND NOT EXISTS (SELECT FROM workspace_members o JOIN users u ON u.id = o.user_id
                      WHERE o.workspace_id = w.id AND o.role = 'owner' AND o.user_id <> person AND u.deleted_at IS NULL)
    UNION ALL
    SELECT 'organization', g.id, g.name FROM organization_members m JOIN organizations g ON g.id = m.organization_id
    WHERE m.user_id = person AND m.role = 'owner' AND m.organization_id NOT IN (SELECT organizations_alone(person))
      AND NOT EXISTS (SELECT FROM organization_members o JOIN users u ON u.id = o.user_id
                      WHERE o.organization_id = g.id AND o.role = 'owner' AND o.user_id <> person AND u.deleted_at IS NULL)
    ORDER BY 1, 2
$$;

-- What goes when a person is deleted, and what stays and why; for a dry run.
CREATE FUNCTION deletion_preview(person bigint) RETURNS TABLE (what text, amount bigint, happens text, why text) LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT 'profile', 1::bigint, 'goes', 'the account stays as "' || name_of_deleted() || '", since what others have said refers to it'
    UNION ALL SELECT 'sessions and tokens', count(*), 'goes', '' FROM sessions WHERE user_id = person
    UNION ALL SELECT 'ways in', count(*), 'goes', '' FROM identities WHERE user_id = person
    UNION ALL SELECT 'messages', count(*), 'goes', 'a tombstone stays in its place' FROM messages WHERE sender_id = person AND deleted_at IS NULL
    UNION ALL SELECT 'forwards of them by others', count(*), 'goes', 'they repeat what the person has said'
              FROM messages WHERE (forwarded_from ->> 'sender_id')::bigint = person AND sender_id <> person AND deleted_at IS NULL
    UNION ALL SELECT 'files', count(*), 'goes', 'with their bytes' FROM files f WHERE uploader_id = person AND NOT file_stays(f.id)
    UNION ALL SELECT 'files', count(*), 'stays', 'they are part of a board, a page or a workspace; nobody is named as their uploader'
              FROM files f WHERE uploader_id = person AND held_at IS NULL AND file_stays(f.id)
    UNION ALL SELECT 'drafts', count(*), 'goes', '' FROM drafts WHERE user_id = person
    UNION ALL SELECT 'comments on pages', count(*), 'goes', 'their threads stay' FROM page_comments WHERE author_id = person
    UNION ALL SELECT 'memberships', count(*), 'goes', '' FROM workspace_members WHERE user_id = person
    UNION ALL SELECT 'workspaces that nobody else is in', count(*), 'goes', '' FROM workspaces_alone(person) a
              WHERE NOT EXISTS (SELECT FROM holds h WHERE h.workspace_id = a AND h.let_go_at IS NULL)
    UNION ALL SELECT 'workspaces that nobody else is in', count(*), 'stays', 'a hold is in force; it goes when the hold ends'
              FROM workspaces_alone(person) a WHERE EXISTS (SELECT FROM holds h WHERE h.workspace_id = a AND h.let_go_at IS NULL)
    UNION ALL SELECT 'bots', count(*), 'stays', 'they belong to their workspace, and have no owner any more' FROM bots WHERE owner_id = person
    UNION ALL SELECT 'edits of boards and pages', (SELECT count(*) FROM board_updates WHERE user_id = person)
              + (SELECT count(*) FROM page_ops WHERE user_id = person), 'stays', 'they are the document''s'
    UNION ALL SELECT 'audit log', count(*), 'stays', 'without names and network addresses'
              FROM audit_log WHERE actor_id = person OR target_type = 'user' AND target_id = person
    UNION ALL SELECT 'messages that holds cover', count(*), 'stays', 'kept for the hold; it goes when the hold ends'
              FROM messages m JOIN chats c ON c.id = m.chat_id JOIN holds h ON h.workspace_id = c.workspace_id
              WHERE m.sender_id = person AND m.deleted_at IS NULL AND h.released_at IS NULL
                AND hold_covers(h, m.chat_id, m.sender_id, m.created_at)
    UNION ALL SELECT 'what holds keep already', count(*), 'stays', 'kept for the hold; it goes when the hold ends'
              FROM held_content WHERE user_id = person
    UNION ALL SELECT o.kind || ' ' || o.id, 1::bigint, 'is in the way', 'the person is its only owner: make somebody else an owner, or delete it'
              FROM owned_alone(person) o;
END
$$;

-- Whether a file is part of something that is not the person's: a document, an emoji, a workspace's icon.
CREATE FUNCTION file_stays(file bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM file_uses u WHERE u.file_id = file AND (u.document_id IS NOT NULL OR u.workspace_id IS NOT NULL))
$$;

-- Takes an account away from its person for good, and begins to erase what is theirs. Nothing happens to one of whom that is
-- so already.
CREATE FUNCTION delete_person(person bigint, organization bigint DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    old users;
    in_the_way text;
BEGIN
    -- Of two owners who delete themselves at once the second one waits here, and then finds that nobody else owns the place.
    PERFORM FROM organizations WHERE id IN (SELECT organization_id FROM organization_members WHERE user_id = person)
        ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM workspaces WHERE id IN (SELECT workspace_id FROM workspace_members WHERE user_id = person)
        ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO old FROM users WHERE id = person AND kind = 'person' FOR NO KEY UPDATE;
    IF NOT FOUND OR old.deleted_at IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT string_agg(kind || ' ' || id, ', ') INTO in_the_way FROM owned_alone(person);
    IF in_the_way IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'person_owns_alone',
            MESSAGE = format('user %s is the only owner of %s', person, in_the_way),
            HINT = 'Make somebody else an owner, or delete it.';
    END IF;
    PERFORM audit('person_deleted', target_type => 'user', target_id => person, organization_id => organization);
    INSERT INTO person_deletions (user_id, words, workspaces, organizations)
    VALUES (person, ARRAY[old.email, old.fullname, old.username],
            ARRAY(SELECT workspace_id FROM workspace_members WHERE user_id = person AND role = 'owner' ORDER BY 1),
            ARRAY(SELECT organization_id FROM organization_members WHERE user_id = person ORDER BY 1));
    PERFORM forget_names(old);
    -- Others own these, and count on no owner who is gone.
    UPDATE organization_members SET role = 'member'
    WHERE user_id = person AND role = 'owner' AND organization_id NOT IN (SELECT organizations_alone(person));
    UPDATE workspace_members SET role = 'member'
    WHERE user_id = person AND role = 'owner' AND workspace_id NOT IN (SELECT workspaces_alone(person));
    UPDATE users SET username = 'deleted-' || person, email = 'deleted-' || person || '@deleted.invalid', email_verified_at = NULL,
        fullname = name_of_deleted(), avatar = NULL, avatar_file_id = NULL, password_hash = '', status = 'inactive', status_text = NULL,
        status_emoji = NULL, status_until = NULL, presence_mode = 'auto', deleted_at = now()
    WHERE id = person;
END
$$;

-- How far a deletion is, for an organisation that the person was in, as `viewer` sees it; nothing of what others hold. `held`:
-- nothing is left to do before one of its holds ends. `percent` is of the messages and the log that are looked through. `kept` is
-- how much of what the person said in the organisation's workspaces holds keep; `holds` are those that do, or that a workspace waits
-- for in which nobody else is. What a hold is about is for those who may read it in its workspace: others get null.
CREATE FUNCTION deletion_json(d person_deletions, organization bigint, viewer bigint) RETURNS json LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT row_to_json(shape) FROM (
        SELECT d.user_id, d.begun_at, d.finished_at,
               CASE WHEN d.finished_at IS NOT NULL THEN 'done' WHEN d.words IS NULL AND json_array_length(found.holds) > 0 THEN 'held'
                    WHEN d.message_id = 0 AND d.left_at IS NULL THEN 'queued' ELSE 'running' END AS state,
               CASE WHEN d.words IS NULL THEN 100
                    WHEN d.left_at IS NULL THEN 80 * d.message_id / (SELECT greatest(max(id), 1) FROM messages)
                    ELSE 80 + 19 * least(d.log_position, log_head()) / greatest(log_head(), 1) END AS percent,
               (SELECT count(*) FROM held_content c JOIN workspaces w ON w.id = c.workspace_id
                WHERE c.user_id = d.user_id AND w.organization_id = organization) AS kept,
               found.holds
        FROM (SELECT coalesce(json_agg(json_build_object(
                         'id', h.id, 'workspace_id', h.workspace_id,
                         'name', CASE WHEN is_shown THEN h.name END, 'reason', CASE WHEN is_shown THEN h.reason END) ORDER BY h.id), '[]') AS holds
              FROM holds h JOIN workspaces w ON w.id = h.workspace_id
              CROSS JOIN LATERAL holds(viewer, 'workspace.hold', 'workspace', w.id) AS is_shown
              WHERE w.organization_id = organization AND h.let_go_at IS NULL AND (
                  EXISTS (SELECT FROM held_content c WHERE c.workspace_id = w.id AND c.user_id = d.user_id AND h.id = ANY (c.hold_ids))
                  OR w.id IN (SELECT workspaces_alone(d.user_id)))) found) shape);
END
$$;

-- Erases the next part of a deleted person's data, up to `batch` messages; true once nothing is left but what holds keep.
CREATE FUNCTION erase_person(person bigint, batch integer) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held bigint[];
BEGIN
    -- Not the user's row: that comes after the places that are locked below.
    PERFORM FROM person_deletions WHERE user_id = person FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'person_is_not_deleted', MESSAGE = format('user %s is not deleted', person);
    END IF;
    -- Nobody acts: an archived chat, or one that the person was silenced in, is no obstacle.
    PERFORM set_config('fechatter.actor', '', true), set_config('fechatter.address', '', true);
    IF erase_messages(person, batch) THEN
        RETURN false;
    END IF;
    held := ARRAY(SELECT space FROM workspaces_alone(person) AS space WHERE is_held(space));
    IF (SELECT left_at FROM person_deletions WHERE user_id = person) IS NULL
       OR EXISTS (SELECT FROM workspace_members WHERE user_id = person AND workspace_id <> ALL (held)) THEN
        UPDATE reports SET message = NULL WHERE message ->> 'sender_id' = person::text;
        UPDATE page_comments SET content = '(deleted)' WHERE author_id = person AND content <> '(deleted)';
        PERFORM leave_everything(person, held);
        PERFORM drop_rows_of(person);
        DELETE FROM files WHERE uploader_id = person AND held_at IS NULL AND NOT EXISTS (SELECT FROM file_uses u WHERE u.file_id = files.id);
        UPDATE files SET uploader_id = NULL WHERE uploader_id = person AND held_at IS NULL;
        DELETE FROM presences WHERE user_id = person;
        UPDATE person_deletions SET left_at = now() WHERE user_id = person;
        RETURN false;
    END IF;
    -- After the COMMIT that has told of the last of it.
    IF forget_in_logs(person, batch * 20) THEN
        RETURN false;
    END IF;
    -- What waits for a hold is tried again by maintenance.
    UPDATE person_deletions SET words = NULL, finished_at = CASE WHEN held = '{}' THEN now() END WHERE user_id = person;
    RETURN true;
END
$$;

-- Deletes what the person has said, and what of it others have forwarded, in the next messages, by id: up to `batch` of them.
-- False once there are no more. They are read by id, since forwarded ones have no index: those who post would pay for it.
CREATE FUNCTION erase_messages(person bigint, batch integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    below CONSTANT bigint := (SELECT message_id FROM person_deletions WHERE user_id = person FOR UPDATE);
    upper_end bigint;
    said bigint[];
BEGIN
    SELECT max(id) INTO upper_end FROM (SELECT id FROM messages WHERE id > below ORDER BY id LIMIT batch * 50) next;
    IF upper_end IS NULL THEN
        RETURN false;
    END IF;
    said := ARRAY(
        SELECT id FROM messages WHERE id > below AND id <= upper_end AND deleted_at IS NULL
          AND (sender_id = person OR (forwarded_from ->> 'sender_id')::bigint = person)
        ORDER BY id LIMIT batch);
    UPDATE reports SET message = NULL WHERE message_id = ANY (said) AND message IS NOT NULL;
    UPDATE messages SET deleted_at = now() WHERE id = ANY (said);
    DELETE FROM search_documents WHERE message_id = ANY (said);
    UPDATE person_deletions SET message_id = CASE WHEN cardinality(said) = batch THEN said[batch] ELSE upper_end END WHERE user_id = person;
    RETURN true;
END
$$;

-- Takes the person out of all places but workspaces that a hold keeps. Single chats stay the other one's, as groups.
CREATE FUNCTION leave_everything(person bigint, held bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE chats SET type = 'Group', name = name_of_deleted()
    WHERE type = 'Single' AND id IN (SELECT chat_id FROM chat_members WHERE user_id = person);
    DELETE FROM workspaces WHERE id IN (SELECT workspaces_alone(person)) AND id <> ALL (held);
    DELETE FROM organizations o WHERE EXISTS (
        SELECT FROM organization_members m WHERE m.organization_id = o.id AND m.user_id = person AND m.role = 'owner')
      AND o.id IN (SELECT organizations_alone(person))
      AND NOT EXISTS (SELECT FROM workspaces w WHERE w.organization_id = o.id);
    DELETE FROM workspace_members WHERE user_id = person AND workspace_id <> ALL (held);
    DELETE FROM organization_members m WHERE user_id = person
      AND NOT EXISTS (SELECT FROM workspaces w WHERE w.organization_id = m.organization_id AND w.id = ANY (held));
END
$$;

-- Deletes the person's rows of every table that would lose them with the user's row, so that a new table is not forgotten.
CREATE FUNCTION drop_rows_of(person bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place record;
BEGIN
    FOR place IN
        SELECT c.conrelid::regclass AS of_table, a.attname AS of_column
        FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.confrelid = 'users'::regclass AND c.confdeltype = 'c' AND cardinality(c.conkey) = 1
          AND c.conrelid::regclass::text NOT IN ('workspace_members', 'organization_members', 'bots')
        ORDER BY c.conrelid::regclass::text = 'sessions', 1, 2
    LOOP
        EXECUTE format('DELETE FROM %s WHERE %I = $1', place.of_table, place.of_column) USING person;
    END LOOP;
END
$$;

-- Replaces the names of a person who is being deleted where others read them now: names of workspaces of theirs that were
-- called after them, mails to them, invitations by them.
CREATE FUNCTION forget_names(old users) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    d person_deletions;
BEGIN
    SELECT * INTO d FROM person_deletions WHERE user_id = old.id;
    DELETE FROM mails WHERE user_id = old.id OR lower(recipient) = lower(old.email);
    DELETE FROM workspace_invitations WHERE invited_by = old.id OR user_id = old.id;
    UPDATE workspaces SET name = place_without_words(name, d) WHERE id = ANY (d.workspaces) AND name <> place_without_words(name, d);
END
$$;

-- What stands in place of somebody's address, name and user name.
CREATE FUNCTION instead_of_words(person bigint) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['deleted-' || person || '@deleted.invalid', name_of_deleted(), 'deleted-' || person]
$$;

-- Takes the person out of the next part of the log of events, and then of the audit log; false once nothing is left of either.
-- It is what the person has written, too, in events that are no messages: a report's comment, why somebody acts for them.
-- Names are replaced by whose they are, not by how they read: somebody may be called as a role, a day or another person is.
CREATE FUNCTION forget_in_logs(person bigint, amount integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    d person_deletions;
    concerned CONSTANT text := format('"((user_|reporter_|principal_|author_)?id|invited_by)"\s*:\s*%s\M', person);
    of_place text;
    upper_end bigint;
BEGIN
    SELECT * INTO d FROM person_deletions WHERE user_id = person FOR UPDATE;
    IF d.words IS NULL THEN
        RETURN false;
    END IF;
    -- Null, and so never true, without a place.
    of_place := format('"(workspace_)?id"\s*:\s*(%s)\M', nullif(array_to_string(d.workspaces, '|'), ''));
    IF d.log_position < log_head() THEN
        SELECT max(position) INTO upper_end FROM (
            SELECT position FROM events WHERE position > d.log_position ORDER BY position LIMIT amount) next;
        UPDATE events e SET payload = changed.payload::json
        FROM (SELECT position, without_writing(without_person(events.payload::jsonb, d), person) AS payload FROM events
              WHERE position > d.log_position AND position <= upper_end
                AND (events.payload::text ~ concerned OR d.workspaces <> '{}' AND events.payload::text ~ of_place)) changed
        WHERE e.position = changed.position AND e.position > d.log_position AND e.position <= upper_end
          AND changed.payload <> e.payload::jsonb;
        UPDATE person_deletions SET log_position = coalesce(upper_end, log_head()) WHERE user_id = person;
        RETURN true;
    END IF;
    SELECT max(id) INTO upper_end FROM (SELECT id FROM audit_log WHERE id > d.audit_id ORDER BY id LIMIT amount) next;
    IF upper_end IS NULL THEN
        RETURN false;
    END IF;
    PERFORM set_config('fechatter.forgets', person::text, true);
    UPDATE audit_log a SET
        address = CASE WHEN a.actor_id IS DISTINCT FROM person THEN a.address END,
        before = audit_without_person(a, a.before, d), after = audit_without_person(a, a.after, d)
    WHERE a.id > d.audit_id AND a.id <= upper_end
      AND (a.actor_id = person AND a.address IS NOT NULL
           OR (audit_without_person(a, a.before, d), audit_without_person(a, a.after, d)) IS DISTINCT FROM (a.before, a.after));
    PERFORM set_config('fechatter.forgets', '', true);
    UPDATE person_deletions SET audit_id = upper_end WHERE user_id = person;
    RETURN true;
END
$$;

-- An event's payload without what the person has written in it.
CREATE FUNCTION without_writing(payload jsonb, person bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT payload || coalesce((
        SELECT jsonb_object_agg(words, '') FROM (VALUES ('reporter_id', 'comment'), ('principal_id', 'reason'), ('author_id', 'content')) AS places (author, words)
        WHERE payload ->> author = person::text AND payload ->> words <> ''), '{}')
$$;

-- A text in which these words are replaced by others, wherever they stand as words.
CREATE FUNCTION without_words(said text, words text[], instead text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR place IN 1 .. cardinality(words) LOOP
        said := regexp_replace(said, '(?<![[:alnum:]_])' || regexp_replace(words[place], '([^[:alnum:][:space:]_])', '\\\1', 'g') || '(?![[:alnum:]_])',
                               replace(instead[place], '\', '\\'), 'gi');
    END LOOP;
    RETURN said;
END
$$;

-- The name of a workspace that was theirs, without what they were called.
CREATE FUNCTION place_without_words(name text, d person_deletions) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT left(without_words(name, d.words, instead_of_words(d.user_id)), 80)
$$;

-- What an object that shows a person shows once they are deleted, of these of its fields that say anything.
CREATE FUNCTION showing_deleted(object jsonb, person bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT object || coalesce((
        SELECT jsonb_object_agg(key, value) FROM jsonb_each(jsonb_build_object(
            'email', (instead_of_words(person))[1], 'fullname', (instead_of_words(person))[2], 'username', (instead_of_words(person))[3],
            'avatar', NULL, 'custom_status', NULL, 'status', 'inactive'))
        WHERE object ->> key IS NOT NULL), '{}')
$$;

-- JSON without the person's names, and without those of their workspaces that were called after them. A user is known by
-- `fullname` beside the id, a workspace by `show_emails`: ids of other things are alike. What others have said stays.
CREATE FUNCTION without_person(value jsonb, d person_deletions) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    inside jsonb;
BEGIN
    CASE jsonb_typeof(value)
    WHEN 'object' THEN
        SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN e.key IN ('content', 'text', 'metadata') THEN e.value ELSE without_person(e.value, d) END), '{}')
        INTO inside FROM jsonb_each(value) e;
        IF inside ? 'fullname' AND coalesce(inside ->> 'user_id', inside ->> 'id') = d.user_id::text THEN
            inside := showing_deleted(inside, d.user_id);
        END IF;
        IF inside ? 'inviter_name' AND inside ->> 'invited_by' = d.user_id::text THEN
            inside := inside || jsonb_build_object('inviter_name', name_of_deleted());
        END IF;
        IF inside ? 'show_emails' AND inside ->> 'id' = ANY (d.workspaces::text[]) THEN
            inside := inside || jsonb_build_object('name', place_without_words(inside ->> 'name', d));
        ELSIF inside ? 'workspace_name' AND inside ->> 'workspace_id' = ANY (d.workspaces::text[]) THEN
            inside := inside || jsonb_build_object('workspace_name', place_without_words(inside ->> 'workspace_name', d));
        END IF;
        RETURN inside;
    WHEN 'array' THEN
        RETURN (SELECT coalesce(jsonb_agg(without_person(e.value, d) ORDER BY e.place), '[]')
                FROM jsonb_array_elements(value) WITH ORDINALITY AS e (value, place));
    ELSE
        RETURN value;
    END CASE;
END
$$;

-- The same for values of an act: names in one upon the person, and the name of a workspace that was theirs.
CREATE FUNCTION audit_without_person(a audit_log, value jsonb, d person_deletions) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN a.target_type = 'user' AND a.target_id = d.user_id AND value ?| '{email,fullname,username,name}' THEN value || (
            SELECT jsonb_object_agg(key, CASE key WHEN 'email' THEN instead[1] WHEN 'fullname' THEN instead[2] WHEN 'username' THEN instead[3]
                                              ELSE without_words(said, d.words, instead) END)
            FROM jsonb_each_text(value) AS e (key, said), instead_of_words(d.user_id) AS instead
            WHERE key IN ('email', 'fullname', 'username', 'name'))
        WHEN a.target_type = 'workspace' AND (a.target_id = ANY (d.workspaces) OR a.actor_id = d.user_id AND a.action LIKE 'workspace\_%')
             AND value ->> 'name' IS NOT NULL THEN value || jsonb_build_object('name', place_without_words(value ->> 'name', d))
        ELSE without_person(value, d) END
$$;

-- Somebody has had all of a person's data exported over REST: it is in the audit log before the first byte is read.
CREATE FUNCTION begin_person_export(person bigint, organization bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('person_exported', target_type => 'user', target_id => person, organization_id => organization);
END
$$;
