CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON message_reactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON message_reactions
    FOR EACH ROW EXECUTE FUNCTION refuse_key_change();

-- Normalises an emoji to one form, whatever its sender used; or accepts a name.
CREATE FUNCTION qualify_reaction() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    given CONSTANT text := NEW.emoji;
BEGIN
    NEW.emoji := reaction_emoji(given);
    IF NEW.emoji IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'reaction_is_emoji',
            MESSAGE = format('%L is neither an emoji nor a name between colons', left(given, 64)),
            HINT = 'React with one emoji, or with a name such as :party: of lower-case letters, digits, _, + and -.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_qualify BEFORE INSERT ON message_reactions
    FOR EACH ROW WHEN (NOT importing()) EXECUTE FUNCTION qualify_reaction();

-- Maintains messages.reactions, under the locks of the chats and then of the messages, in the order of their ids. For
-- each emoji of a statement, the first users are read by index and the count is moved, so the cost does not grow with
-- the reactions. Deleted messages are not counted: MessageDeleted implies that their reactions are gone.
-- What is told is gathered at once, so that each statement's events have the counts as of then, also where a transaction has
-- several statements. A statement of one reaction, as nearly all are, is left to count_reaction().
CREATE FUNCTION count_reactions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    sign CONSTANT integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    kind CONSTANT text := CASE TG_OP WHEN 'INSERT' THEN 'ReactionAdded' ELSE 'ReactionRemoved' END;
    amount bigint;
    one message_reactions;
    batch bigint;
BEGIN
    SELECT count(*), min(message_id), min(user_id), min(emoji) INTO amount, one.message_id, one.user_id, one.emoji FROM changed;
    IF amount = 1 THEN
        amount := count_reaction(one.message_id, one.user_id, one.emoji, sign, kind);
        RETURN NULL;
    ELSIF amount = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM chats WHERE id IN
        (SELECT chat_id FROM messages WHERE id IN (SELECT message_id FROM changed) AND deleted_at IS NULL)
    ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM messages WHERE id IN (SELECT message_id FROM changed) AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE;
    IF TG_OP = 'INSERT' THEN
        PERFORM refuse_deleted(id) FROM messages WHERE id IN (SELECT message_id FROM changed) AND deleted_at IS NOT NULL;
        PERFORM require_may_post(m.chat_id, changed.user_id) FROM changed JOIN messages m ON m.id = message_id;
    END IF;
    WITH change AS (
        SELECT message_id, emoji, sign * count(*) AS amount, min(id) AS first FROM changed GROUP BY message_id, emoji
    ), before AS (
        SELECT m.id AS message_id, item ->> 'emoji' AS emoji, (item -> 'count')::bigint AS count, item -> 'user_ids' AS user_ids, place
        FROM messages m, jsonb_array_elements(m.reactions) WITH ORDINALITY AS reaction (item, place)
        WHERE m.id IN (SELECT message_id FROM change) AND deleted_at IS NULL
    ), after AS (
        SELECT message_id, emoji, coalesce(count, 0) + coalesce(change.amount, 0) AS count, place, first,
               CASE WHEN change.amount IS NULL THEN user_ids ELSE to_jsonb(ARRAY(
                   SELECT user_id FROM message_reactions r WHERE r.message_id = change.message_id AND r.emoji = change.emoji
                   ORDER BY id LIMIT named_users())) END AS user_ids
        FROM before FULL JOIN change USING (message_id, emoji)
    )
    UPDATE messages SET reactions = counted.reactions
    FROM (SELECT message_id, jsonb_agg(jsonb_build_object('emoji', emoji, 'count', count, 'user_ids', user_ids)
                                       ORDER BY place, first) FILTER (WHERE count > 0) AS reactions
          FROM after GROUP BY message_id) counted
    WHERE messages.id = counted.message_id AND deleted_at IS NULL;
    batch := log_new_batch();
    INSERT INTO log_pending (first, batch, opens_batch, kind, audience, payload, chat_id)
    SELECT false, batch, row_number() OVER (ORDER BY changed.id) = 1, kind, 'chat',
           row_to_json(ROW(chat_id, m.id, user_id, emoji, coalesce(reactions, '[]'))::reaction_event_shape), chat_id
    FROM changed JOIN messages m ON m.id = message_id AND m.deleted_at IS NULL ORDER BY changed.id;
    RETURN NULL;
END
$$;

-- The same for one reaction: the message's other emoji stay as they are. Returns how many there are of this one.
CREATE FUNCTION count_reaction(message bigint, person bigint, reacted text, sign integer, kind text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    chat bigint;
    counts jsonb;
    place integer;
    amount bigint;
BEGIN
    SELECT id INTO chat FROM chats WHERE id = (SELECT chat_id FROM messages WHERE id = message AND deleted_at IS NULL) FOR NO KEY UPDATE;
    SELECT coalesce(reactions, '[]') INTO counts FROM messages WHERE id = message AND deleted_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        IF sign > 0 THEN
            PERFORM refuse_deleted(message);
        END IF;
        RETURN 0;
    ELSIF sign > 0 THEN
        PERFORM require_may_post(chat, person);
    END IF;
    place := jsonb_array_length(counts);
    FOR n IN 0 .. place - 1 LOOP
        IF counts -> n ->> 'emoji' = reacted THEN
            place := n;
            EXIT;
        END IF;
    END LOOP;
    amount := coalesce((counts -> place -> 'count')::bigint, 0) + sign;
    IF amount > 0 THEN
        counts := jsonb_set(counts, ARRAY[place::text], jsonb_build_object(
            'emoji', reacted, 'count', amount, 'user_ids', ARRAY(
                SELECT user_id FROM message_reactions r WHERE r.message_id = message AND r.emoji = reacted
                ORDER BY id LIMIT named_users())));
    ELSE
        counts := counts - place;
    END IF;
    UPDATE messages SET reactions = nullif(counts, '[]') WHERE id = message;
    INSERT INTO log_pending (first, batch, opens_batch, kind, audience, payload, chat_id)
    VALUES (false, log_new_batch(), true, kind, 'chat',
            row_to_json(ROW(chat, message, person, reacted, counts)::reaction_event_shape), chat);
    RETURN amount;
END
$$;
CREATE TRIGGER p60_count_added AFTER INSERT ON message_reactions REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT WHEN (NOT importing()) EXECUTE FUNCTION count_reactions();
CREATE TRIGGER p60_count_removed AFTER DELETE ON message_reactions REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_reactions();

-- Only removals by a user: reactions are also deleted with their message.
CREATE FUNCTION check_reaction_removal() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_may_post((SELECT chat_id FROM messages WHERE id = OLD.message_id), acting_user());
    RETURN OLD;
END
$$;
CREATE TRIGGER p30_take_back BEFORE DELETE ON message_reactions
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION check_reaction_removal();
