-- Acts: changes in chats that are made together with the messages that are posted meanwhile, in one transaction. What an
-- act may do is decided between lock_batch() and perform_acts(), by the caller, under the locks of the first.

-- Locks what a batch of posts and acts changes, in the order of sql/README.md, and returns for each act, in their order,
-- what permissions depend on: the chat as in the query chat_access, who sent the act's message, and whether that one is
-- deleted. sender_ids, post_chats and keys are those of the posts. apart: nothing of it is locked, since it may take long, or
-- meets those that do: the acts of workspaces with rules about what may be said, and deletions of much; nothing is apart that
-- is `alone`. An act that is not `locking` needs its chat's lock for the order of a batch only: where that is locked elsewhere it
-- is apart, and none is waited for. lock_not_available if something else stays locked elsewhere for longer than patience_ms.
CREATE FUNCTION lock_batch(
    sender_ids bigint[], post_chats bigint[], keys text[],
    kinds text[], user_ids bigint[], chat_ids bigint[], message_ids bigint[], locking boolean[], patience_ms integer, alone boolean
) RETURNS TABLE (
    apart boolean, type text, member_count integer, has_password boolean, archived boolean, role text, silenced_until timestamptz,
    workspace_role text, message_sender bigint, message_deleted boolean
) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    timeout text := set_config('lock_timeout', patience_ms::text, true);
    screened bigint[] := '{}';
    aparts boolean[];
    locked bigint[];
    ordered bigint[];
BEGIN
    IF EXISTS (SELECT FROM dlp_screens) THEN
        screened := ARRAY(SELECT id FROM chats c WHERE id = ANY (post_chats || chat_ids)
                          AND (SELECT true FROM dlp_screens s WHERE s.workspace_id = c.workspace_id));
    END IF;
    aparts := ARRAY(SELECT NOT alone AND (chat = ANY (screened) OR kind = 'delete_message' AND deletes_much(message))
                   FROM unnest(kinds, chat_ids, message_ids) WITH ORDINALITY AS act (kind, chat, message, place) ORDER BY place);
    IF cardinality(array_remove(keys, NULL)) > 0 THEN
        PERFORM pg_advisory_xact_lock(hashtext('fechatter.idempotency'), name)
        FROM (SELECT DISTINCT hashtext(sender || ' ' || key) AS name FROM unnest(sender_ids, post_chats, keys) AS post (sender, chat, key)
              WHERE key IS NOT NULL AND chat <> ALL (screened) ORDER BY 1) named;
    END IF;
    SELECT array_agg(id) INTO locked FROM (
        SELECT id FROM chats WHERE id = ANY (ARRAY(
            SELECT chat FROM unnest(sender_ids, post_chats) AS post (sender, chat)
            WHERE chat <> ALL (screened) AND (SELECT true FROM chat_members WHERE chat_id = chat AND user_id = sender)
            UNION ALL
            SELECT chat FROM unnest(user_ids, chat_ids, locking, aparts) AS act (actor, chat, locks, apart)
            WHERE locks AND NOT apart AND (
                (SELECT true FROM chat_members WHERE chat_id = chat AND user_id = actor)
                OR (SELECT true FROM chats c JOIN workspace_members w USING (workspace_id) WHERE c.id = chat AND w.user_id = actor))))
        ORDER BY id FOR NO KEY UPDATE) chat;
    IF NOT alone AND false = ANY (locking) THEN
        ordered := ARRAY(SELECT chat FROM unnest(user_ids, chat_ids, locking, aparts) AS act (actor, chat, locks, apart)
                         WHERE NOT locks AND NOT apart AND chat = ANY (locked) IS NOT TRUE
                           AND (SELECT true FROM chat_members WHERE chat_id = chat AND user_id = actor));
        locked := coalesce(locked, '{}') || ARRAY(SELECT id FROM chats WHERE id = ANY (ordered) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED);
        aparts := ARRAY(SELECT apart OR NOT locks AND chat = ANY (ordered) AND chat <> ALL (locked)
                        FROM unnest(chat_ids, locking, aparts) WITH ORDINALITY AS act (chat, locks, apart, place) ORDER BY place);
    END IF;
    PERFORM FROM (
        SELECT FROM messages WHERE id = ANY (ARRAY(
            SELECT id FROM unnest(chat_ids, message_ids, aparts) AS act (chat, message, apart), messages m
            WHERE m.id = message AND m.chat_id = chat AND chat = ANY (locked) AND NOT apart))
        ORDER BY id FOR NO KEY UPDATE) message;
    RETURN QUERY
    SELECT act.apart, c.type, c.member_count, c.password_hash IS NOT NULL, c.archived_at IS NOT NULL, member.role,
           CASE WHEN member.silenced_until > now() THEN member.silenced_until END,
           (SELECT w.role FROM workspace_members w WHERE w.workspace_id = c.workspace_id AND w.user_id = act.actor),
           m.sender_id, m.deleted_at IS NOT NULL
    FROM unnest(user_ids, chat_ids, message_ids, aparts) WITH ORDINALITY AS act (actor, chat, message, apart, place)
    LEFT JOIN LATERAL (SELECT * FROM chats WHERE id = act.chat LIMIT 1) c ON true
    LEFT JOIN LATERAL (SELECT * FROM chat_members WHERE chat_id = act.chat AND user_id = act.actor LIMIT 1) member ON true
    LEFT JOIN LATERAL (SELECT * FROM messages WHERE id = act.message AND chat_id = act.chat LIMIT 1) m ON true
    ORDER BY place;
END
$$;

-- Whether deleting a message may take long: many have reacted to it, or have joined its chat since, and have it in the log.
CREATE FUNCTION deletes_much(message bigint) RETURNS boolean LANGUAGE sql STABLE SET enable_seqscan = off AS $$
    SELECT (SELECT count(*) > 50 FROM (SELECT FROM message_reactions WHERE message_id = message LIMIT 51) reaction)
        OR (SELECT count(*) > 10 FROM (SELECT FROM events e WHERE e.kind = 'NewChat' AND e.chat_id = m.chat_id
                                       AND e.created_at >= m.created_at LIMIT 11) joined)
    FROM messages m WHERE m.id = message
$$;

-- Does each of these acts, in their order, and each in a subtransaction: one that fails has its error, and changes nothing.
-- Only what PostgreSQL ends so that others can go on, a deadlock for example, fails all: all of it is to be tried again.
-- result is that of perform_act(). A row that stays locked elsewhere for longer than patience_ms fails the act that needs it;
-- after the first such act the others wait for hardly anything.
CREATE FUNCTION perform_acts(
    kinds text[], user_ids bigint[], delegate_ids bigint[], addresses text[], chat_ids bigint[], message_ids bigint[],
    arguments jsonb[], patience_ms integer
) RETURNS TABLE (result text, state text, message text, detail text, rule text) LANGUAGE plpgsql AS $$
DECLARE
    setting text := set_config('lock_timeout', patience_ms::text, true);
BEGIN
    FOR n IN 1 .. cardinality(kinds) LOOP
        state := NULL;
        message := NULL;
        detail := NULL;
        rule := NULL;
        BEGIN
            setting := set_config('fechatter.actor', user_ids[n]::text, true);
            setting := set_config('fechatter.delegate', coalesce(delegate_ids[n]::text, ''), true);
            setting := set_config('fechatter.address', addresses[n], true);
            result := perform_act(kinds[n], user_ids[n], chat_ids[n], message_ids[n], arguments[n]);
        EXCEPTION WHEN transaction_rollback THEN
            RAISE;
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
                                    rule = CONSTRAINT_NAME;
            result := NULL;
            IF state = '55P03' THEN
                setting := set_config('lock_timeout', '1', true);
            END IF;
        END;
        RETURN NEXT;
    END LOOP;
    -- Everyone may have to wait for the log's lock, at COMMIT, as long as a statement may take.
    setting := set_config('lock_timeout', '0', true);
    setting := set_config('fechatter.actor', '', true);
    setting := set_config('fechatter.delegate', '', true);
    setting := set_config('fechatter.address', '', true);
END
$$;

-- One act of a user, who may do it, in a chat or on a message of it. Returns JSON as the route answers; null if there is
-- nothing that it could change.
CREATE FUNCTION perform_act(kind text, person bigint, chat bigint, message bigint, arguments jsonb) RETURNS text LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    answer text;
BEGIN
    CASE kind
    WHEN 'add_reaction' THEN
        INSERT INTO message_reactions (message_id, user_id, emoji)
        SELECT id, person, arguments ->> 'emoji' FROM messages WHERE id = message AND chat_id = chat
        ON CONFLICT DO NOTHING;
        SELECT message_reactions_json(m) INTO answer FROM messages m WHERE id = message AND chat_id = chat;
    WHEN 'remove_reaction' THEN
        -- In whatever form it is named, also one from before each emoji had a single form.
        DELETE FROM message_reactions
        WHERE message_id = (SELECT id FROM messages WHERE id = message AND chat_id = chat) AND user_id = person
          AND emoji IN (arguments ->> 'emoji', reaction_emoji(arguments ->> 'emoji'));
        SELECT message_reactions_json(m) INTO answer FROM messages m WHERE id = message AND chat_id = chat;
    WHEN 'move_read_marker' THEN
        -- Forward only, at most to the newest message; mentions that an edit has added up to there are read too.
        UPDATE chat_members SET last_read_seq = greatest(last_read_seq, least((arguments -> 'seq')::bigint, last_seq)),
                                late_mentions = seqs_above(late_mentions, (arguments -> 'seq')::bigint)
        FROM chats WHERE chats.id = chat_id AND chat_id = chat AND user_id = person
        -- The user's own message, sent meanwhile, may have moved it past the last_seq that is seen here.
        RETURNING read_marker_json(chats, last_read_seq) INTO answer;
    WHEN 'move_read_marker_back' THEN
        -- To just before a message; if that is unread already, nothing changes.
        UPDATE chat_members SET last_read_seq = least(last_read_seq, (arguments -> 'seq')::bigint - 1)
        FROM chats WHERE chats.id = chat_id AND chat_id = chat AND user_id = person
        RETURNING read_marker_json(chats, last_read_seq) INTO answer;
    WHEN 'edit_message' THEN
        -- What is not among the arguments stays as it is.
        UPDATE messages m SET
            content = coalesce(arguments ->> 'content', content),
            metadata = CASE WHEN arguments ? 'metadata' THEN (arguments ->> 'metadata')::jsonb ELSE metadata END,
            files = CASE WHEN arguments ? 'files' THEN nullif(ids_of(arguments -> 'files'), '{}') ELSE files END
        WHERE id = message AND chat_id = chat AND deleted_at IS NULL RETURNING message_json(m) INTO answer;
        IF NOT FOUND THEN -- an act just before has deleted it
            PERFORM refuse_deleted(message);
        END IF;
    WHEN 'delete_message' THEN
        UPDATE messages SET deleted_at = now(), deleted_by = person WHERE id = message AND chat_id = chat AND deleted_at IS NULL;
    WHEN 'pin_message' THEN
        INSERT INTO message_pins (message_id, pinned_by) SELECT id, person FROM messages WHERE id = message AND chat_id = chat
        ON CONFLICT DO NOTHING;
        SELECT pin_json(p) INTO answer FROM message_pins p WHERE message_id = message AND chat_id = chat;
    WHEN 'unpin_message' THEN
        DELETE FROM message_pins WHERE message_id = message AND chat_id = chat;
    WHEN 'join_chat' THEN
        -- Whoever is in it already stays as they are. Its password, if it has one, is the caller's affair.
        INSERT INTO chat_members (chat_id, user_id, role) SELECT chat, person, 'member'
        WHERE NOT EXISTS (SELECT FROM chat_members WHERE chat_id = chat AND user_id = person);
        SELECT chat_json(c, person) INTO answer FROM chats c WHERE id = chat;
    WHEN 'leave_chat' THEN
        DELETE FROM chat_members WHERE chat_id = chat AND user_id = person;
    END CASE;
    RETURN answer;
END
$$;
