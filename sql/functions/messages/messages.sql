-- Messages: tombstones, and writes that take more than one statement.

-- The tombstone of a message: its place, its sender, and when and by whom it was deleted.
CREATE FUNCTION tombstone(m messages) RETURNS messages LANGUAGE plpgsql STABLE AS $$
BEGIN
    m.type := 'text';
    m.content := '';
    m.metadata := NULL;
    m.forwarded_from := NULL;
    m.files := NULL;
    m.links := NULL;
    m.mentions := NULL;
    m.mentions_everyone := NULL;
    m.reactions := NULL;
    m.updated_at := NULL;
    m.deleted_at := coalesce(m.deleted_at, now());
    RETURN m;
END
$$;

-- Posts messages together: a row for each, in their order, as if they had been posted one after the other. outcome:
-- created; repeated (the key's first message is returned); conflict (the key was used for another message); forbidden
-- (a channel that the sender could join and has not); archived; silenced; not_found; no_reply_to (no such message in
-- the chat); no_source (no such message that the sender may read); no_file (no such file that the sender may use
-- there); not_delegated (the extra's delegate_id may not post for the sender there). An extra is null for a plain text, or
-- has the message's type, metadata, reply_to, forward_of, files, delegate_id; a forward is copied from its source. A key may be null. If a row or
-- key stays locked elsewhere for longer than patience_ms, all fail with lock_not_available; 0 waits without limit.
-- Without `judging`, what rules about what may be said would judge is apart: it is left alone, since that may take long.
-- It locks the chats, and numbers the messages itself, all at once. Plain texts that are all posted, as nearly all batches have
-- nothing else, are judged by one look-up of each, and gather their own events. `whole`: the transaction does nothing else.
-- Then these events are appended at once, under the log's lock, unless their transaction has begun with something else. Their
-- rows are sent before COMMIT; 24 KiB fit into the buffers of any connection, so nobody who reads slowly holds the lock.
CREATE FUNCTION post_messages(
    sender_ids bigint[], chat_ids bigint[], contents text[], extras jsonb[], keys text[], patience_ms integer DEFAULT 0,
    judging boolean DEFAULT true, whole boolean DEFAULT false
) RETURNS TABLE (outcome text, message json) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
SET fechatter.numbered = on SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
    locked bigint[];
    last_seqs bigint[];
    archived bigint[];
    -- An assignment is evaluated without a query, as PERFORM would run one.
    timeout text := set_config('lock_timeout', patience_ms::text, true);
    unjudged text := set_config('fechatter.unjudged', CASE WHEN EXISTS (SELECT FROM dlp_screens) THEN '' ELSE 'on' END, true);
    gathered text;
    batch bigint;
    ids bigint[];
    places bigint[];
    written json[];
    at_once CONSTANT boolean := whole AND pg_current_xact_id_if_assigned() IS NULL;
    keyed CONSTANT boolean := cardinality(array_remove(keys, NULL)) > 0;
    plain boolean := cardinality(array_remove(extras, NULL)) = 0 AND pg_trigger_depth() = 0;
    apart bigint[] := '{}';
BEGIN
    IF NOT judging AND unjudged = '' THEN
        apart := ARRAY(SELECT id FROM chats c WHERE id = ANY (chat_ids) AND (SELECT true FROM dlp_screens s WHERE s.workspace_id = c.workspace_id));
    END IF;
    -- Concurrent batches wait for each other only here, and in the same order: keys, then chats. Concurrent retries
    -- wait for the first, and then see its message. These locks have two numbers, since those of one number are another
    -- space: that of the log, which no client's choice of key may touch.
    IF keyed THEN
        PERFORM pg_advisory_xact_lock(hashtext('fechatter.idempotency'), name)
        FROM (SELECT DISTINCT hashtext(sender || ' ' || key) AS name FROM unnest(sender_ids, chat_ids, keys) AS item (sender, chat, key)
              WHERE key IS NOT NULL AND chat <> ALL (apart) ORDER BY 1) named;
    END IF;
    SELECT array_agg(id), array_agg(last_seq), array_agg(id) FILTER (WHERE archived_at IS NOT NULL) INTO locked, last_seqs, archived
    FROM (SELECT id, last_seq, archived_at FROM chats WHERE id = ANY (ARRAY(
              SELECT chat FROM unnest(sender_ids, chat_ids) AS item (sender, chat)
              WHERE chat <> ALL (apart) AND (SELECT true FROM chat_members WHERE chat_id = chat AND user_id = sender)))
          ORDER BY id FOR NO KEY UPDATE) chat;
    -- Whether all of them are posted, as of the locks: nothing of what refuses or repeats one is there.
    plain := plain AND archived IS NULL AND NOT EXISTS (
        SELECT FROM unnest(sender_ids, chat_ids, keys) AS item (sender, chat, key)
        WHERE (chat = ANY (locked) AND (SELECT (silenced_until > now()) IS NOT TRUE FROM chat_members
                                        WHERE chat_id = chat AND user_id = sender)) IS NOT TRUE
           OR key IS NOT NULL AND (SELECT true FROM idempotency_keys k WHERE k.user_id = sender AND k.key = item.key));
    IF plain AND keyed THEN
        plain := (SELECT count(*) = count(DISTINCT (sender, key)) FROM unnest(sender_ids, keys) AS item (sender, key) WHERE key IS NOT NULL);
    END IF;
    gathered := set_config('fechatter.gathered', CASE WHEN plain THEN 'on' ELSE '' END, true);
    IF plain THEN
        -- The JSON of a plain text depends on its row alone, so that of the answer is its event's.
        WITH numbered AS MATERIALIZED (
            SELECT *, nextval('messages_id_seq') AS id
            FROM (SELECT *, last_seqs[array_position(locked, chat)] + row_number() OVER (PARTITION BY chat ORDER BY place) AS seq
                  FROM unnest(sender_ids, chat_ids, contents, keys) WITH ORDINALITY AS item (sender, chat, content, key, place)
                  ORDER BY place OFFSET 0) in_order
        ), posted AS (
            INSERT INTO messages (id, chat_id, seq, sender_id, content)
            SELECT id, chat, seq, sender, content FROM numbered ORDER BY place
            RETURNING id, chat_id AS chat, message_json(messages) AS message
        ), kept AS (
            INSERT INTO idempotency_keys (user_id, key, fingerprint, message_id)
            SELECT sender, key, sha256(convert_to(concat_ws(' ', chat, content), 'UTF8')), id FROM numbered WHERE key IS NOT NULL
        )
        SELECT array_agg(id), array_agg(chat), array_agg(message) INTO ids, places, written
        FROM (SELECT * FROM posted ORDER BY id) in_order;
        IF at_once AND pg_column_size(written) < 24576 THEN
            timeout := set_config('lock_timeout', '0', true);
            PERFORM log_append_messages(places, ids, written);
        ELSE
            batch := log_new_batch();
            INSERT INTO log_pending (first, batch, opens_batch, kind, audience, payload, chat_id, message_id)
            SELECT false, batch, id = ids[1], 'NewMessage', 'chat', message, chat, id
            FROM unnest(places, ids, written) AS item (chat, id, message);
        END IF;
        RETURN QUERY SELECT 'created', message FROM unnest(written) AS message;
    ELSE
        RETURN QUERY
        WITH asked AS (
            SELECT item.*, (extra ->> 'reply_to')::bigint AS reply_to, (extra ->> 'forward_of')::bigint AS forward_of,
                   CASE WHEN key IS NOT NULL THEN sha256(convert_to(concat_ws(' ', chat, extra, content), 'UTF8')) END AS fingerprint
            FROM unnest(sender_ids, chat_ids, contents, extras, keys) WITH ORDINALITY AS item (sender, chat, content, extra, key, place)
        ), judged AS (
            -- Each look-up is of one row, by its key: a scalar or a LIMIT is not joined, so a plan made while a table was
            -- empty does not read all of it when it is full. For a plain text nothing is looked up in messages.
            SELECT asked.*, known.message_id AS known_message, CASE
                WHEN chat = ANY (apart) THEN 'apart'
                -- As of the lock: a user who joined while it waited posts with the next batch.
                WHEN member.user_id IS NULL OR (chat = ANY (locked)) IS NOT TRUE THEN CASE
                    WHEN (SELECT true FROM chats WHERE id = chat AND (type = 'PublicChannel' OR password_hash IS NOT NULL)
                          AND (SELECT true FROM workspace_members w WHERE w.workspace_id = chats.workspace_id AND user_id = sender))
                    THEN 'forbidden' ELSE 'not_found' END
                WHEN known.fingerprint = asked.fingerprint THEN 'repeated'
                WHEN known.fingerprint IS NOT NULL THEN 'conflict'
                WHEN chat = ANY (archived) THEN 'archived'
                WHEN member.silenced_until > now() THEN 'silenced'
                WHEN extra IS NOT NULL AND extra ? 'delegate_id' AND NOT 'chat.post_message' = ANY (
                    delegated_permissions((extra ->> 'delegate_id')::bigint, sender, 'chat', chat)) THEN 'not_delegated'
                WHEN asked.reply_to IS NOT NULL AND (SELECT chat_id FROM messages WHERE id = asked.reply_to) IS DISTINCT FROM chat THEN 'no_reply_to'
                WHEN forward_of IS NOT NULL AND (
                    (source).id IS NULL
                    OR (SELECT true FROM chat_members WHERE chat_id = (source).chat_id AND user_id = sender) IS NULL) THEN 'no_source'
                WHEN extra IS NOT NULL AND forward_of IS NULL AND unusable_file(ids_of(extra -> 'files'), sender, chat) IS NOT NULL THEN 'no_file'
            END AS refused
            FROM (SELECT *, CASE WHEN forward_of IS NOT NULL THEN (
                      SELECT messages FROM messages WHERE id = forward_of AND deleted_at IS NULL) END AS source FROM asked) asked
            LEFT JOIN LATERAL (SELECT * FROM chat_members WHERE chat_id = chat AND user_id = sender LIMIT 1) member ON true
            LEFT JOIN LATERAL (
                SELECT * FROM idempotency_keys k WHERE k.user_id = sender AND k.key = asked.key LIMIT 1) known ON true
        ), settled AS (
            -- Of several with the same key the first is posted, and the others are its retries.
            SELECT *, first_value(place) OVER same AS first_place, coalesce(refused, CASE
                WHEN first_value(place) OVER same = place THEN 'created'
                WHEN first_value(fingerprint) OVER same = fingerprint THEN 'repeated'
                ELSE 'conflict'
            END) AS outcome
            FROM judged
            WINDOW same AS (PARTITION BY refused, sender, key, CASE WHEN key IS NULL THEN place END ORDER BY place)
        ), numbered AS MATERIALIZED (
            SELECT *, nextval('messages_id_seq') AS id
            FROM (SELECT *, last_seqs[array_position(locked, chat)] + row_number() OVER (PARTITION BY chat ORDER BY place) AS seq
                  FROM settled WHERE outcome = 'created' ORDER BY place OFFSET 0) in_order
        ), posted AS (
            INSERT INTO messages (id, chat_id, seq, sender_id, content, type, metadata, reply_to, files, forwarded_from, delegate_id)
            SELECT id, chat, seq, sender, coalesce((source).content, content),
                   coalesce((source).type, extra ->> 'type', 'text'),
                   coalesce((source).metadata, extra -> 'metadata'),
                   reply_to,
                   CASE WHEN extra IS NOT NULL THEN coalesce((source).files, ids_of(extra -> 'files')) END,
                   CASE WHEN forward_of IS NOT NULL THEN coalesce((source).forwarded_from, jsonb_build_object(
                       'message_id', (source).id, 'chat_id', (source).chat_id, 'sender_id', (source).sender_id)) END,
                   (extra ->> 'delegate_id')::bigint
            FROM numbered ORDER BY place
            RETURNING id, CASE WHEN forwarded_from IS NULL OR files IS NULL THEN message_json(messages)
                               ELSE brought_message_json(messages) END AS message
        ), created AS (
            -- Both are in the order of their ids. A join would be planned for one row, and would compare each with each.
            SELECT place, chat, sender, key, fingerprint, id,
                   (ARRAY(SELECT message FROM posted ORDER BY id))[row_number() OVER (ORDER BY id)] AS message
            FROM numbered
        ), kept AS (
            INSERT INTO idempotency_keys (user_id, key, fingerprint, message_id)
            SELECT sender, key, fingerprint, id FROM created WHERE key IS NOT NULL
        )
        SELECT outcome, CASE
            WHEN outcome = 'conflict' THEN NULL
            WHEN known_message IS NULL THEN created.message
            ELSE (SELECT message_json(messages) FROM messages WHERE id = known_message)
        END
        FROM settled LEFT JOIN created ON created.place = first_place
        ORDER BY settled.place;
    END IF;
    -- Everyone may have to wait for the log's lock as long as a statement may take.
    timeout := set_config('lock_timeout', '0', true);
    unjudged := set_config('fechatter.unjudged', '', true);
    gathered := set_config('fechatter.gathered', '', true);
END
$$;
