-- Deletion of a person (GDPR, article 17). What others have said stays readable; what the person has said and is goes, but
-- for what a legal hold keeps. It takes two kinds of transaction: delete_person() takes the account away from the person,
-- and tells those who know them; then erase_person() is called until it returns true. Either may be repeated.

-- What a person's row says from then on.
CREATE FUNCTION name_of_deleted() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'Deleted user' $$;

-- Workspaces that nobody but the person is in: they go with the person. Bots are nobody.
CREATE FUNCTION workspaces_alone(person bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT m.workspace_id FROM workspace_members m WHERE m.user_id = person AND NOT EXISTS (
        SELECT FROM workspace_members o JOIN users u ON u.id = o.user_id
        WHERE o.workspace_id = m.workspace_id AND o.user_id <> person AND u.kind = 'person')
    ORDER BY 1
$$;

-- Why somebody cannot be deleted yet: places with other people in them of which they are the only owner.
CREATE FUNCTION owned_alone(person bigint) RETURNS TABLE (kind text, id bigint, name text) LANGUAGE sql STABLE AS $$
    SELECT 'workspace', w.id, w.name FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.user_id = person AND m.role = 'owner' AND m.workspace_id NOT IN (SELECT workspaces_alone(person))
      AND NOT EXISTS (SELECT FROM workspace_members o WHERE o.workspace_id = w.id AND o.role = 'owner' AND o.user_id <> person)
    UNION ALL
    SELECT 'organization', g.id, g.name FROM organization_members m JOIN organizations g ON g.id = m.organization_id
    WHERE m.user_id = person AND m.role = 'owner'
      AND EXISTS (SELECT FROM organization_members o WHERE o.organization_id = g.id AND o.user_id <> person)
      AND NOT EXISTS (SELECT FROM organization_members o WHERE o.organization_id = g.id AND o.role = 'owner' AND o.user_id <> person)
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
              WHERE NOT EXISTS (SELECT FROM holds h WHERE h.workspace_id = a AND h.released_at IS NULL)
    UNION ALL SELECT 'workspaces that nobody else is in', count(*), 'stays', 'a hold is in force; it goes when the hold ends'
              FROM workspaces_alone(person) a WHERE EXISTS (SELECT FROM holds h WHERE h.workspace_id = a AND h.released_at IS NULL)
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
CREATE FUNCTION delete_person(person bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    old users;
    in_the_way text;
BEGIN
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
    PERFORM audit('person_deleted', target_type => 'user', target_id => person);
    INSERT INTO person_deletions (user_id) VALUES (person);
    PERFORM forget_names(old);
    UPDATE users SET username = 'deleted-' || person, email = 'deleted-' || person || '@deleted.invalid', email_verified_at = NULL,
        fullname = name_of_deleted(), avatar = NULL, avatar_file_id = NULL, password_hash = '', status = 'inactive', status_text = NULL,
        status_emoji = NULL, status_until = NULL, presence_mode = 'auto', deleted_at = now()
    WHERE id = person;
END
$$;

-- Erases the next part of a deleted person's data, up to `batch` messages; true once nothing is left but what holds keep.
CREATE FUNCTION erase_person(person bigint, batch integer) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    shown users;
    said bigint[];
    held bigint[];
BEGIN
    SELECT * INTO shown FROM users WHERE id = person FOR NO KEY UPDATE;
    IF shown.deleted_at IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'person_is_not_deleted', MESSAGE = format('user %s is not deleted', person);
    END IF;
    -- Nobody acts: an archived chat, or one that the person was silenced in, is no obstacle.
    PERFORM set_config('fechatter.actor', '', true), set_config('fechatter.address', '', true);
    said := ARRAY(SELECT id FROM messages WHERE deleted_at IS NULL AND sender_id = person ORDER BY chat_id, id LIMIT batch)
         || ARRAY(SELECT id FROM messages WHERE deleted_at IS NULL AND (forwarded_from ->> 'sender_id')::bigint = person ORDER BY chat_id, id LIMIT batch);
    IF said <> '{}' THEN
        UPDATE reports SET message = NULL WHERE message_id = ANY (said) AND message IS NOT NULL;
        UPDATE messages SET deleted_at = now() WHERE id = ANY (said) AND deleted_at IS NULL;
        DELETE FROM search_documents WHERE message_id = ANY (said);
        RETURN false;
    END IF;
    held := ARRAY(SELECT space FROM workspaces_alone(person) AS space WHERE is_held(space));
    IF (SELECT left_at FROM person_deletions WHERE user_id = person) IS NULL
       OR EXISTS (SELECT FROM workspace_members WHERE user_id = person AND workspace_id <> ALL (held)) THEN
        UPDATE page_comments SET content = '(deleted)' WHERE author_id = person AND content <> '(deleted)';
        PERFORM leave_everything(person, held);
        PERFORM drop_rows_of(person);
        DELETE FROM files WHERE uploader_id = person AND held_at IS NULL AND NOT EXISTS (SELECT FROM file_uses u WHERE u.file_id = files.id);
        UPDATE files SET uploader_id = NULL WHERE uploader_id = person AND held_at IS NULL;
        DELETE FROM presences WHERE user_id = person;
        UPDATE person_deletions SET left_at = now() WHERE user_id = person;
        RETURN false;
    END IF;
    -- After the COMMIT that has told of the last of it. What waits for a hold is tried again by maintenance.
    PERFORM forget_words(person);
    UPDATE person_deletions SET finished_at = now() WHERE user_id = person AND held = '{}';
    RETURN true;
END
$$;

-- What the person has written in events that are no messages: a report's comment, why somebody acts for them.
CREATE FUNCTION forget_words(person bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place record;
BEGIN
    FOR place IN SELECT * FROM (VALUES ('reporter_id', 'comment'), ('principal_id', 'reason'), ('author_id', 'content')) AS places (author, words) LOOP
        UPDATE events e SET payload = jsonb_set(e.payload::jsonb, ARRAY[place.words], '""')::json
        WHERE e.payload ->> place.author = person::text AND e.payload ->> place.words <> '';
    END LOOP;
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
      AND NOT EXISTS (SELECT FROM organization_members m WHERE m.organization_id = o.id AND m.user_id <> person)
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

-- Replaces the names of a person who is being deleted wherever a name was copied: the log of events, the audit log, names of
-- places that were called after them, and mails to them.
CREATE FUNCTION forget_names(old users) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    words CONSTANT text[] := ARRAY[old.email, old.fullname, old.username];
    instead CONSTANT text[] := ARRAY['deleted-' || old.id || '@deleted.invalid', name_of_deleted(), 'deleted-' || old.id];
    escaped CONSTANT text[] := ARRAY(SELECT btrim(to_json(word)::text, '"') FROM unnest(words) AS word);
    mentioned CONSTANT text := format('"(user_)?id": ?%s[,}]', old.id);
BEGIN
    DELETE FROM mails WHERE user_id = old.id OR lower(recipient) = lower(old.email);
    DELETE FROM workspace_invitations WHERE invited_by = old.id OR user_id = old.id;
    UPDATE workspaces SET name = left(without_words(name, words, instead), 80)
    WHERE id IN (SELECT workspace_id FROM workspace_members WHERE user_id = old.id) AND name <> without_words(name, words, instead);
    UPDATE events e SET payload = without_person(e.payload::jsonb, old.id, words, instead, NULL)::json
    WHERE EXISTS (SELECT FROM unnest(escaped) AS word WHERE position(word IN e.payload::text) > 0)
       OR e.payload::text ~ mentioned AND e.payload::text ~ '"custom_status": ?{';
    PERFORM set_config('fechatter.forgets', old.id::text, true);
    UPDATE audit_log a SET
        address = CASE WHEN a.actor_id IS DISTINCT FROM old.id THEN a.address END,
        before = without_person(a.before, old.id, words, instead, NULL), after = without_person(a.after, old.id, words, instead, NULL)
    WHERE a.actor_id = old.id AND a.address IS NOT NULL
       OR EXISTS (SELECT FROM unnest(escaped) AS word WHERE position(word IN concat(a.before::text, a.after::text)) > 0);
    PERFORM set_config('fechatter.forgets', '', true);
END
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

-- JSON without the person's names: what shows them shows a deleted user, and names are replaced in every text but what
-- others have said (`content`).
CREATE FUNCTION without_person(value jsonb, person bigint, words text[], instead text[], key text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    inside jsonb;
BEGIN
    CASE jsonb_typeof(value)
    WHEN 'object' THEN
        SELECT coalesce(jsonb_object_agg(e.key, without_person(e.value, person, words, instead, e.key)), '{}') INTO inside FROM jsonb_each(value) e;
        IF inside ? 'fullname' AND coalesce(inside ->> 'user_id', inside ->> 'id') = person::text THEN
            inside := inside || (SELECT coalesce(jsonb_object_agg(k, CASE k WHEN 'status' THEN '"inactive"'::jsonb ELSE 'null'::jsonb END), '{}')
                                 FROM unnest(ARRAY['avatar', 'custom_status', 'status']) AS k WHERE inside ? k);
        END IF;
        RETURN inside;
    WHEN 'array' THEN
        RETURN (SELECT coalesce(jsonb_agg(without_person(e.value, person, words, instead, key) ORDER BY e.place), '[]')
                FROM jsonb_array_elements(value) WITH ORDINALITY AS e (value, place));
    WHEN 'string' THEN
        RETURN CASE WHEN key IN ('content', 'text') THEN value ELSE to_jsonb(without_words(value #>> '{}', words, instead)) END;
    ELSE
        RETURN value;
    END CASE;
END
$$;
