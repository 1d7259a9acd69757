-- A chat of an archive: made, or grown by what an earlier import did not bring, in one transaction and with one event for each
-- member, NewChat.

-- The chat that a chat of the archive is here, made if it is new, and what there is to say of it: `known`, `gone` if it was
-- deleted here, `empty` if nobody would be in it. Two people have one Single chat in a workspace: if there is one already that no
-- import made, this one becomes a Group of the two. A public channel whose name is taken gets a number.
CREATE FUNCTION import_open_chat(import bigint, staged import_chats, OUT chat bigint, OUT how text) LANGUAGE plpgsql AS $$
DECLARE
    place CONSTANT bigint := (SELECT workspace_id FROM imports WHERE id = import);
    people CONSTANT bigint[] := ARRAY(
        SELECT DISTINCT p.user_id FROM import_members s JOIN import_people p ON p.n = s.person
        JOIN workspace_members w ON w.workspace_id = place AND w.user_id = p.user_id WHERE s.chat = staged.n ORDER BY 1);
    as_type text := staged.type;
    called text := staged.name;
    number integer := 1;
BEGIN
    SELECT local_id INTO chat FROM import_refs WHERE import_id = import AND kind = 'chat' AND external_id = staged.external_id;
    IF FOUND THEN
        PERFORM FROM chats WHERE id = chat FOR NO KEY UPDATE;
        how := CASE WHEN FOUND THEN 'known' ELSE 'gone' END;
        RETURN;
    ELSIF cardinality(people) = 0 AND as_type <> 'PublicChannel' THEN
        how := 'empty';
        RETURN;
    ELSIF as_type = 'Single' AND (cardinality(people) <> 2 OR EXISTS (SELECT FROM chats WHERE workspace_id = place AND pair = people)) THEN
        as_type := 'Group';
        how := 'group';
    END IF;
    WHILE as_type = 'PublicChannel' AND EXISTS (
        SELECT FROM chats WHERE workspace_id = place AND type = 'PublicChannel' AND fold_name(name) = fold_name(called)) LOOP
        number := number + 1;
        called := left(staged.name, 70) || ' ' || number;
        how := 'renamed';
    END LOOP;
    INSERT INTO chats (id, workspace_id, type, name, description, created_at, updated_at, archived_at) OVERRIDING SYSTEM VALUE
    VALUES (staged.chat_id, place, as_type, called, staged.description, coalesce(by_now(staged.created_at), now()),
            coalesce(by_now(staged.updated_at), by_now(staged.created_at), now()), by_now(staged.archived_at))
    RETURNING id INTO chat;
    INSERT INTO import_refs VALUES (import, 'chat', staged.external_id, chat);
    how := coalesce(how, 'made');
END
$$;

-- Whom an archive has in a known chat, and who is not in it. Whoever was imported before has left it, and stays out unless they are
-- added on the operator's word; the banned do in any case.
CREATE FUNCTION import_newcomers(staged import_chats, into_chat bigint, adds_people boolean) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT DISTINCT p.user_id FROM import_members s JOIN import_people p ON p.n = s.person
    JOIN chats c ON c.id = into_chat JOIN workspace_members w ON w.workspace_id = c.workspace_id AND w.user_id = p.user_id
    WHERE s.chat = staged.n AND (adds_people OR p.outcome <> 'known')
      AND NOT EXISTS (SELECT FROM chat_members m WHERE (m.chat_id, m.user_id) = (into_chat, p.user_id))
      AND NOT EXISTS (SELECT FROM chat_bans b WHERE (b.chat_id, b.user_id) = (into_chat, p.user_id))
$$;

-- The members of a new chat, and of a known one its newcomers, if it is public or `adds_people`. All have read what was
-- imported, unless the archive says how far. A chat has an owner: the first admin, or else the first member; a public
-- channel that nobody is in, the workspace's owner.
CREATE FUNCTION import_chat_members(import bigint, staged import_chats, into_chat bigint, is_new boolean, newest bigint, adds_people boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    here CONSTANT chats := (SELECT c FROM chats c WHERE id = into_chat);
BEGIN
    INSERT INTO chat_members (chat_id, user_id, role, last_read_seq, joined_at, notification_level, muted_until)
    SELECT into_chat, user_id,
           CASE WHEN here.type = 'Single' THEN 'owner' WHEN is_bot OR NOT is_new THEN 'member'
                WHEN owns OR first_one = user_id AND NOT owned THEN 'owner' WHEN administers THEN 'admin' ELSE 'member' END,
           least(read, newest), since, level, muted
    FROM (
        SELECT p.user_id, bool_or(u.kind = 'bot') AS is_bot, bool_or(s.role = 'owner') AS owns, bool_or(s.role = 'admin') AS administers,
               coalesce(by_now(min(s.joined_at)), staged.created_at, now()) AS since,
               min(s.notifications) AS level, max(s.muted_until) AS muted,
               max(CASE WHEN s.read IS NULL THEN newest ELSE coalesce(m.seq, 0) END) AS read,
               bool_or(bool_or(s.role = 'owner' AND u.kind <> 'bot')) OVER () AS owned,
               first_value(p.user_id) OVER (ORDER BY bool_or(u.kind = 'bot'), bool_or(s.role = 'admin') DESC, min(s.joined_at), min(s.line)) AS first_one
        FROM import_members s JOIN import_people p ON p.n = s.person JOIN users u ON u.id = p.user_id
        JOIN workspace_members w ON w.workspace_id = here.workspace_id AND w.user_id = p.user_id
        LEFT JOIN import_placed q ON q.external_id = s.read AND q.chat = staged.n
        LEFT JOIN messages m ON m.id = q.message_id AND m.chat_id = into_chat
        WHERE s.chat = staged.n
          AND (is_new OR (here.type = 'PublicChannel' OR adds_people AND here.type <> 'Single')
               AND p.user_id IN (SELECT import_newcomers(staged, into_chat, adds_people AND here.type <> 'PublicChannel')))
          AND NOT EXISTS (SELECT FROM chat_bans b WHERE (b.chat_id, b.user_id) = (into_chat, p.user_id))
        GROUP BY p.user_id
    ) joining
    ORDER BY user_id ON CONFLICT DO NOTHING;
    IF is_new AND NOT EXISTS (SELECT FROM chat_members WHERE chat_id = into_chat AND role = 'owner') THEN
        INSERT INTO chat_members (chat_id, user_id, role, last_read_seq)
        SELECT into_chat, user_id, 'owner', newest FROM workspace_members
        WHERE workspace_id = here.workspace_id AND role = 'owner' ORDER BY joined_at, user_id LIMIT 1
        ON CONFLICT (chat_id, user_id) DO UPDATE SET role = 'owner';
    END IF;
END
$$;

-- The summaries that new threads have on their first messages (see grow_threads), by root.
CREATE FUNCTION import_threads_of(part integer) RETURNS TABLE (root_id bigint, thread jsonb) LANGUAGE plpgsql STABLE SET timezone = 'UTC' AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT r.root_id, jsonb_build_object(
        'reply_count', count(*) FILTER (WHERE NOT r.deleted),
        'participant_count', count(DISTINCT r.sender_id) FILTER (WHERE NOT r.deleted),
        'participants', coalesce((SELECT jsonb_agg(sender_id ORDER BY first) FROM (
            SELECT sender_id, min(thread_seq) AS first FROM import_replies one WHERE one.root_id = r.root_id AND NOT one.deleted
            GROUP BY sender_id ORDER BY first LIMIT named_users()) writer), '[]'),
        'last_seq', max(r.thread_seq),
        'last_reply_id', max(r.message_id) FILTER (WHERE NOT r.deleted),
        'last_reply_at', (array_agg(r.created_at ORDER BY r.message_id DESC) FILTER (WHERE NOT r.deleted))[1])
    FROM import_placed reply JOIN import_replies r USING (message_id)
    JOIN import_placed root ON root.chat = part AND root.message_id = r.root_id AND root.fresh
    WHERE reply.chat = part AND reply.fresh GROUP BY r.root_id;
END
$$;

-- The new messages of a chat, after those that it has; how many there were.
CREATE FUNCTION import_messages_of(import bigint, part integer, into_chat bigint) RETURNS bigint LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    newest CONSTANT bigint := (SELECT last_seq FROM chats WHERE id = into_chat);
    members CONSTANT bigint[] := ARRAY(
        SELECT p.user_id FROM import_members s JOIN import_people p ON p.n = s.person WHERE s.chat = part
        UNION SELECT user_id FROM chat_members WHERE chat_id = into_chat);
    imported bigint;
BEGIN
    WITH counted AS (
        SELECT message_id, jsonb_agg(jsonb_build_object('emoji', emoji, 'count', amount, 'user_ids', people) ORDER BY first) AS reactions
        FROM (SELECT message_id, emoji, count(*) AS amount, min(place) AS first,
                     to_jsonb((array_agg(user_id ORDER BY place))[:named_users()]) AS people
              FROM import_reactions WHERE message_id IN (SELECT message_id FROM import_placed WHERE chat = part AND fresh)
              GROUP BY message_id, emoji) one
        GROUP BY message_id
    )
    INSERT INTO messages (id, chat_id, seq, sender_id, content, created_at, updated_at, type, metadata, reply_to, thread_id, thread_seq, thread,
                          forwarded_from, deleted_at, deleted_by, reactions, mentions, mentions_everyone, files)
    SELECT p.message_id, into_chat, newest + row_number() OVER (ORDER BY p.message_id), s.user_id,
           CASE WHEN m.deleted_at IS NOT NULL THEN ''
                WHEN said = '' AND m.files IS NULL THEN '…'
                ELSE left(said, 10000) END,
           by_now(m.created_at), by_now(m.updated_at), m.type, CASE WHEN m.deleted_at IS NULL THEN m.metadata END,
           r.parent_id, r.root_id, r.thread_seq + coalesce((SELECT (old.thread ->> 'last_seq')::bigint FROM messages old WHERE old.id = r.root_id), 0),
           t.thread, CASE WHEN m.deleted_at IS NULL AND m.forwarded_from IS NOT NULL THEN import_origin(import, m.forwarded_from) END,
           by_now(m.deleted_at), CASE WHEN m.deleted_at IS NOT NULL THEN coalesce(d.user_id, s.user_id) END, counted.reactions,
           CASE WHEN m.deleted_at IS NULL AND m.forwarded_from IS NULL AND m.mentions IS NOT NULL THEN nullif((ARRAY(
               SELECT DISTINCT who.user_id FROM import_people who
               WHERE who.n = ANY (m.mentions) AND who.user_id <> s.user_id AND who.user_id = ANY (members) ORDER BY 1))[:most_mentions()], '{}') END,
           CASE WHEN m.deleted_at IS NULL AND m.forwarded_from IS NULL THEN m.everyone END,
           CASE WHEN m.deleted_at IS NULL THEN import_files_of(m.files, into_chat) END
    FROM import_placed p JOIN import_messages m USING (line) JOIN import_people s ON s.n = m.sender
    CROSS JOIN LATERAL (SELECT import_text(m.content) || CASE WHEN m.files IS NOT NULL THEN import_missing_files(m.files, into_chat) ELSE '' END AS said) text
    LEFT JOIN import_replies r ON r.message_id = p.message_id
    LEFT JOIN import_threads_of(part) t ON t.root_id = p.message_id
    LEFT JOIN counted ON counted.message_id = p.message_id
    LEFT JOIN import_people d ON d.n = m.deleted_by
    WHERE p.chat = part AND p.fresh ORDER BY p.message_id;
    GET DIAGNOSTICS imported = ROW_COUNT;
    UPDATE chats SET last_seq = newest + imported WHERE id = into_chat;
    INSERT INTO import_refs SELECT import, 'message', external_id, message_id FROM import_placed WHERE chat = part AND fresh;
    RETURN imported;
END
$$;

-- What belongs to the new messages: earlier versions, reactions, pins (the newest that a chat may have).
CREATE FUNCTION import_belongings(part integer, into_chat bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO message_edits (message_id, version, type, content, metadata, files, written_at)
    SELECT p.message_id, place, coalesce(item ->> 'type', 'text'), left(import_text(item ->> 'content'), 10000), nullif(item -> 'metadata', 'null'),
           import_files_of(ARRAY(SELECT jsonb_array_elements_text(item -> 'files')::integer), into_chat), by_now((item ->> 'written_at')::timestamptz)
    FROM import_placed p JOIN import_messages m USING (line), jsonb_array_elements(m.edits) WITH ORDINALITY AS edit (item, place)
    WHERE p.chat = part AND p.fresh AND m.edits IS NOT NULL AND m.deleted_at IS NULL;
    INSERT INTO message_reactions (message_id, user_id, emoji, created_at)
    SELECT r.message_id, r.user_id, r.emoji, r.created_at FROM import_reactions r JOIN import_placed p USING (message_id)
    WHERE p.chat = part ORDER BY r.message_id, r.place;
    INSERT INTO message_pins (message_id, chat_id, id, pinned_by, pinned_at)
    SELECT message_id, into_chat, nextval('message_pins_id_seq'), pinned_by, pinned_at FROM (
        SELECT p.message_id, coalesce(who.user_id, s.user_id) AS pinned_by, coalesce(by_now(m.pinned_at), m.created_at) AS pinned_at
        FROM import_placed p JOIN import_messages m USING (line) JOIN import_people s ON s.n = m.sender
        LEFT JOIN import_people who ON who.n = m.pinned_by
        WHERE p.chat = part AND p.fresh AND m.pinned AND m.deleted_at IS NULL
        ORDER BY coalesce(m.pinned_at, m.created_at) DESC, p.message_id DESC
        LIMIT greatest(0, chat_pins() - (SELECT count(*) FROM message_pins WHERE chat_id = into_chat))) newest
    ORDER BY pinned_at, message_id;
END
$$;

-- New replies in threads that were here. Followers who had read all of such a thread still have.
CREATE FUNCTION import_grow_threads(part integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    grown CONSTANT bigint[] := ARRAY(
        SELECT r.message_id FROM import_placed reply JOIN import_replies r USING (message_id)
        WHERE reply.chat = part AND reply.fresh
          AND NOT EXISTS (SELECT FROM import_placed p WHERE p.chat = part AND p.message_id = r.root_id AND p.fresh));
    readers bigint[];
    threads bigint[];
BEGIN
    IF cardinality(grown) > 0 THEN
        SELECT array_agg(f.thread_id), array_agg(f.user_id) INTO threads, readers
        FROM thread_followers f JOIN messages root ON root.id = f.thread_id
        WHERE f.thread_id IN (SELECT root_id FROM import_replies WHERE message_id = ANY (grown))
          AND f.last_read_seq = coalesce((root.thread ->> 'last_seq')::bigint, 0);
        PERFORM grow_threads(grown);
        UPDATE thread_followers f SET last_read_seq = (root.thread ->> 'last_seq')::bigint
        FROM unnest(threads, readers) AS read (thread_id, user_id) JOIN messages root ON root.id = read.thread_id
        WHERE (f.thread_id, f.user_id) = (read.thread_id, read.user_id);
    END IF;
END
$$;

-- Imports a chat. `how`: made, group, renamed, known, gone, empty (see import_open_chat). `kept_out`: how many people stay outside
-- of a known chat that is not public, since the operator has not said `adds_people`. A chat to which nothing was added has no event.
CREATE FUNCTION import_chat(
    import bigint, part integer, adds_people boolean, OUT chat bigint, OUT how text, OUT messages bigint, OUT kept_out bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    staged CONSTANT import_chats := (SELECT c FROM import_chats c WHERE n = part);
    before chats;
    present bigint[];
BEGIN
    PERFORM set_config('fechatter.imports', 'on', true), set_config('fechatter.numbered', 'on', true), set_config('fechatter.unjudged', 'on', true);
    messages := 0;
    kept_out := 0;
    SELECT opened.chat, opened.how INTO chat, how FROM import_open_chat(import, staged) opened;
    IF how IN ('gone', 'empty') THEN
        RETURN;
    END IF;
    SELECT * INTO before FROM chats WHERE id = chat;
    present := ARRAY(SELECT user_id FROM chat_members m WHERE m.chat_id = import_chat.chat ORDER BY 1);
    IF how = 'known' THEN
        PERFORM import_place_again(part, chat);
    END IF;
    messages := import_messages_of(import, part, chat);
    PERFORM import_belongings(part, chat);
    PERFORM import_chat_members(import, staged, chat, how <> 'known', before.last_seq + messages, adds_people);
    IF how = 'known' THEN
        kept_out := (SELECT count(*) FROM import_newcomers(staged, chat, false));
    END IF;
    PERFORM import_grow_threads(part);
    INSERT INTO thread_followers (thread_id, user_id, chat_id, last_read_seq, followed_at)
    SELECT f.root_id, f.user_id, import_chat.chat, f.last_read_seq, coalesce(by_now(f.followed_at), now())
    FROM import_followers f JOIN chat_members m ON m.chat_id = import_chat.chat AND m.user_id = f.user_id
    WHERE f.chat = part ORDER BY f.root_id, f.user_id;
    IF how = 'known' AND (messages > 0 OR EXISTS (SELECT FROM chat_members m WHERE m.chat_id = import_chat.chat AND m.user_id <> ALL (present))) THEN
        -- Members who had read all of it still have.
        UPDATE chat_members m SET last_read_seq = before.last_seq + messages
        WHERE m.chat_id = import_chat.chat AND m.last_read_seq = before.last_seq AND m.user_id = ANY (present) AND messages > 0;
        PERFORM log_defer('NewChat', 'user', 'chat_members', chat_id => import_chat.chat, user_id => one) FROM unnest(present) AS one;
    END IF;
END
$$;

-- Ends an import: the audit log has it, and the messages are put into the index of searches.
CREATE FUNCTION import_end(import bigint, people bigint, chats bigint, messages bigint, files bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE imports SET finished_at = now() WHERE id = import;
    IF people + chats + messages + files > 0 THEN
        PERFORM audit('workspace_imported', workspace_id => i.workspace_id, target_type => 'workspace', target_id => i.workspace_id,
                      after => jsonb_build_object('source', i.source, 'origin', i.origin, 'people', people, 'chats', chats,
                                                  'messages', messages, 'files', files))
        FROM imports i WHERE id = import;
    END IF;
    IF messages > 0 THEN
        PERFORM search_begin(NULL, true);
    END IF;
    PERFORM import_begin();
END
$$;
