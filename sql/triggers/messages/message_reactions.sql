CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON message_reactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON message_reactions
    FOR EACH ROW EXECUTE FUNCTION refuse_key_change();

-- Normalises an emoji to one form, whatever its sender used; or accepts a name.
CREATE FUNCTION qualify_reaction() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF reaction_emoji(NEW.emoji) IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'reaction_is_emoji',
            MESSAGE = format('%L is neither an emoji nor a name between colons', left(NEW.emoji, 64)),
            HINT = 'React with one emoji, or with a name such as :party: of lower-case letters, digits, _, + and -.';
    END IF;
    NEW.emoji := reaction_emoji(NEW.emoji);
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_qualify BEFORE INSERT ON message_reactions
    FOR EACH ROW EXECUTE FUNCTION qualify_reaction();

-- Maintains messages.reactions, under the locks of the chats and then of the messages, in the order of their ids. For
-- each emoji of a statement, the first users are read by index and the count is moved, so the cost does not grow with
-- the reactions. Deleted messages are not counted: MessageDeleted implies that their reactions are gone.
CREATE FUNCTION count_reactions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changed) THEN
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
        SELECT message_id, emoji, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END AS amount, min(id) AS first
        FROM changed GROUP BY message_id, emoji
    ), before AS (
        SELECT m.id AS message_id, item ->> 'emoji' AS emoji, (item -> 'count')::bigint AS count, item -> 'user_ids' AS user_ids, place
        FROM messages m, jsonb_array_elements(m.reactions) WITH ORDINALITY AS reaction (item, place)
        WHERE m.id IN (SELECT message_id FROM change) AND deleted_at IS NULL
    ), after AS (
        SELECT message_id, emoji, coalesce(count, 0) + coalesce(amount, 0) AS count, place, first, CASE
            WHEN amount IS NULL THEN user_ids
            ELSE to_jsonb(ARRAY(SELECT user_id FROM message_reactions r
                                WHERE r.message_id = change.message_id AND r.emoji = change.emoji
                                ORDER BY id LIMIT named_users()))
        END AS user_ids
        FROM before FULL JOIN change USING (message_id, emoji)
    )
    UPDATE messages SET reactions = counted.reactions
    FROM (SELECT message_id, jsonb_agg(jsonb_build_object('emoji', emoji, 'count', count, 'user_ids', user_ids)
                                       ORDER BY place, first) FILTER (WHERE count > 0) AS reactions
          FROM after GROUP BY message_id) counted
    WHERE messages.id = counted.message_id AND deleted_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_added AFTER INSERT ON message_reactions REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_reactions();
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

-- Published at COMMIT even after SET CONSTRAINTS … IMMEDIATE: only then have they been counted.
CREATE TRIGGER p10_defer_log BEFORE INSERT OR DELETE ON message_reactions
    FOR EACH STATEMENT EXECUTE FUNCTION defer_log();

-- The message's row has been locked since it was changed, so the published data are exact.
CREATE FUNCTION log_reactions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    reaction message_reactions := coalesce(NEW, OLD);
    chat bigint;
    told json;
BEGIN
    SELECT shape.chat_id, row_to_json(shape) INTO chat, told
    FROM (SELECT chat_id, id AS message_id, reaction.user_id, reaction.emoji, coalesce(reactions, '[]') AS reactions
          FROM messages WHERE id = reaction.message_id AND deleted_at IS NULL) shape;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM log_append('ReactionAdded', 'chat', told, chat_id => chat);
    ELSE
        PERFORM log_append('ReactionRemoved', 'chat', told, chat_id => chat);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR DELETE ON message_reactions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_reactions();
