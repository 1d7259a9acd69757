-- Places of imported messages: ids, threads, reactions and followers, for the whole archive together.

-- Gives each chat its id, and each message: the one that it got by an earlier import, or the next one. Ids rise with time over all chats,
-- since threads are sorted by them: unless the messages of the archive are in their order already.
CREATE FUNCTION import_place(import bigint, ordered boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO import_placed (line, external_id, chat, message_id, fresh)
    SELECT line, external_id, chat, coalesce(local_id, nextval('messages_id_seq')), local_id IS NULL
    FROM (SELECT m.line, m.external_id, m.chat, r.local_id
          FROM import_messages m LEFT JOIN import_refs r
               ON r.import_id = import AND r.kind = 'message' AND r.external_id = m.external_id
          ORDER BY CASE WHEN NOT ordered THEN m.created_at END, m.line) sorted;
    UPDATE import_chats c SET chat_id = coalesce(
        (SELECT local_id FROM import_refs r WHERE r.import_id = import AND r.kind = 'chat' AND r.external_id = c.external_id), nextval('chats_id_seq'));
    ANALYZE import_placed, import_chats;
END
$$;

-- Gives the new messages of a chat new ids, in their order, if somebody has posted in it since import_place(): ids and seqs rise
-- together within a chat. Its row is locked, so nobody posts meanwhile.
CREATE FUNCTION import_place_again(part integer, into_chat bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    given CONSTANT bigint[] := ARRAY(SELECT message_id FROM import_placed WHERE chat = part AND fresh ORDER BY message_id);
    later bigint[];
BEGIN
    IF cardinality(given) = 0 OR NOT EXISTS (SELECT FROM messages WHERE chat_id = into_chat AND id > given[1]) THEN
        RETURN;
    END IF;
    later := ARRAY(SELECT nextval('messages_id_seq') FROM unnest(given));
    UPDATE import_placed p SET message_id = new FROM unnest(given, later) AS moved (old, new) WHERE p.chat = part AND p.message_id = old;
    UPDATE import_replies r SET message_id = new FROM unnest(given, later) AS moved (old, new) WHERE r.message_id = old;
    UPDATE import_replies r SET parent_id = new FROM unnest(given, later) AS moved (old, new) WHERE r.chat = part AND r.parent_id = old;
    UPDATE import_replies r SET root_id = new FROM unnest(given, later) AS moved (old, new) WHERE r.chat = part AND r.root_id = old;
    UPDATE import_reactions r SET message_id = new FROM unnest(given, later) AS moved (old, new) WHERE r.message_id = old;
    UPDATE import_followers f SET root_id = new FROM unnest(given, later) AS moved (old, new) WHERE f.chat = part AND f.root_id = old;
END
$$;

-- The threads of new replies. A reply comes after what it replies to, so there is no circle; one to something else is no reply.
-- Each pass doubles how far up the roots have been looked for, however long a chain somebody has made.
CREATE FUNCTION import_thread(import bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO import_replies (message_id, chat, sender_id, created_at, deleted, parent_id, up_id, root_id)
    SELECT p.message_id, p.chat, s.user_id, by_now(m.created_at), m.deleted_at IS NOT NULL, parent.id, parent.id,
           CASE WHEN q.fresh THEN NULL ELSE coalesce(d.thread_id, d.id) END
    FROM import_messages m JOIN import_placed p USING (line) JOIN import_people s ON s.n = m.sender
    LEFT JOIN import_placed q ON q.external_id = m.reply_to AND q.chat = m.chat
    LEFT JOIN import_refs r ON r.import_id = import AND r.kind = 'message' AND r.external_id = m.reply_to AND q.line IS NULL
    CROSS JOIN LATERAL (SELECT coalesce(q.message_id, r.local_id) AS id) parent
    JOIN import_chats c ON c.n = m.chat
    LEFT JOIN messages d ON d.id = parent.id AND q.fresh IS NOT TRUE AND d.chat_id = c.chat_id
    WHERE m.reply_to IS NOT NULL AND p.fresh AND parent.id < p.message_id AND (q.fresh OR d.id IS NOT NULL);
    ANALYZE import_replies;
    UPDATE import_replies c SET root_id = parent_id
    WHERE root_id IS NULL AND NOT EXISTS (SELECT FROM import_replies p WHERE p.message_id = c.parent_id);
    LOOP
        UPDATE import_replies c SET root_id = p.root_id, up_id = p.up_id
        FROM import_replies p WHERE c.root_id IS NULL AND p.message_id = c.up_id;
        EXIT WHEN NOT FOUND;
    END LOOP;
    UPDATE import_replies r SET thread_seq = numbered.seq
    FROM (SELECT message_id, row_number() OVER (PARTITION BY root_id ORDER BY message_id) AS seq FROM import_replies) numbered
    WHERE r.message_id = numbered.message_id;
END
$$;

-- Who reacted to new messages: each with an emoji once, at most twenty of them at a message, as everywhere.
CREATE FUNCTION import_react() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH given AS MATERIALIZED (
        SELECT p.message_id, s.user_id, item ->> 'e' AS emoji, place, by_now((item ->> 't')::timestamptz) AS created_at, m.created_at AS posted_at
        FROM import_messages m JOIN import_placed p USING (line)
        CROSS JOIN LATERAL jsonb_array_elements(m.reactions) WITH ORDINALITY AS reaction (item, place)
        JOIN import_people s ON s.n = (item ->> 'p')::integer
        WHERE m.reactions IS NOT NULL AND p.fresh AND m.deleted_at IS NULL
    ), known AS MATERIALIZED (
        SELECT emoji, reaction_emoji(emoji) AS normal FROM (SELECT DISTINCT emoji FROM given) different
    ), ranked AS (
        SELECT message_id, user_id, normal, place, created_at, posted_at, min(place) OVER (PARTITION BY message_id, normal) AS first
        FROM given JOIN known USING (emoji) WHERE normal IS NOT NULL
    ), bounded AS (
        SELECT *, dense_rank() OVER (PARTITION BY message_id ORDER BY first) AS rank FROM ranked
    )
    INSERT INTO import_reactions (message_id, user_id, emoji, place, created_at)
    SELECT DISTINCT ON (message_id, normal, user_id) message_id, user_id, normal, place, coalesce(created_at, posted_at, now())
    FROM bounded WHERE rank <= 20 ORDER BY message_id, normal, user_id, place;
    ANALYZE import_reactions;
END
$$;

-- Who follows new threads: as the archive says, or else whoever wrote in them. Each is told of the threads that their list
-- shows, the newest, and not of the others.
CREATE FUNCTION import_follow() RETURNS void LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
    IF EXISTS (SELECT FROM import_follows) THEN
        INSERT INTO import_followers (root_id, user_id, chat, last_read_seq, followed_at, told)
        SELECT p.message_id, s.user_id, p.chat,
               max(coalesce(CASE WHEN f.read IS NOT NULL THEN coalesce(read.thread_seq, 0) END,
                            (SELECT max(thread_seq) FROM import_replies WHERE root_id = p.message_id), 0)),
               min(f.followed_at), false
        FROM import_follows f JOIN import_placed p ON p.external_id = f.message JOIN import_people s ON s.n = f.person
        LEFT JOIN import_placed q ON q.external_id = f.read
        LEFT JOIN import_replies read ON read.message_id = q.message_id AND read.root_id = p.message_id
        WHERE p.fresh AND NOT EXISTS (SELECT FROM import_replies WHERE message_id = p.message_id)
        GROUP BY p.message_id, s.user_id, p.chat;
    ELSE
        INSERT INTO import_followers (root_id, user_id, chat, last_read_seq, told)
        SELECT root_id, user_id, chat, max(max(seq)) OVER (PARTITION BY root_id), false
        FROM (SELECT root_id, sender_id AS user_id, chat, thread_seq AS seq FROM import_replies
              UNION ALL
              SELECT p.message_id, s.user_id, p.chat, 0
              FROM (SELECT DISTINCT root_id FROM import_replies) begun JOIN import_placed p ON p.message_id = begun.root_id
              JOIN import_messages m USING (line) JOIN import_people s ON s.n = m.sender WHERE p.fresh) writer
        WHERE root_id IN (SELECT message_id FROM import_placed WHERE fresh) GROUP BY root_id, user_id, chat;
    END IF;
    ANALYZE import_followers;
    UPDATE import_followers f SET told = true
    FROM (SELECT f.root_id, f.user_id, row_number() OVER (PARTITION BY f.user_id ORDER BY coalesce(newest.id, f.root_id) DESC) AS rank
          FROM import_followers f LEFT JOIN (SELECT root_id, max(message_id) AS id FROM import_replies GROUP BY root_id) newest USING (root_id)
         ) ranked
    WHERE (f.root_id, f.user_id) = (ranked.root_id, ranked.user_id) AND rank <= snapshot_threads();
    ANALYZE import_followers;
END
$$;
