-- Chats: writes that take more than one statement.

-- Why a user cannot post in a chat right now: stranger, archived or silenced; null if they can.
CREATE FUNCTION post_refused(chat bigint, person bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN member.user_id IS NULL THEN 'stranger'
        WHEN archived_at IS NOT NULL THEN 'archived'
        WHEN silenced_until > now() THEN 'silenced' END
    FROM (SELECT 1) here LEFT JOIN (chat_members member JOIN chats ON chats.id = member.chat_id)
         ON member.chat_id = chat AND member.user_id = person
$$;

-- The channels whose name contains a text, by the trigram index; null if there are more than a thousand, when another
-- way finds the first page quickly, or if the text is too short for trigrams.
CREATE FUNCTION few_channels_named(search text) RETURNS bigint[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off AS $$
DECLARE
    pattern text := '%' || regexp_replace(fold_name(search), '([\\%_])', '\\\1', 'g') || '%';
BEGIN
    RETURN CASE WHEN length(fold_name(search)) >= 3 THEN
        (SELECT CASE WHEN count(*) <= 1000 THEN coalesce(array_agg(id), '{}') END
         FROM (SELECT id FROM chats WHERE (type = 'PublicChannel' OR password_hash IS NOT NULL) AND archived_at IS NULL
                                      AND fold_name(name) LIKE pattern LIMIT 1001) found) END;
END
$$;

-- Whether a user may join a channel that they find: they are neither in it nor banned from it.
CREATE FUNCTION may_join(chat bigint, person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM chat_members WHERE chat_id = chat AND user_id = person)
       AND NOT EXISTS (SELECT FROM chat_bans WHERE chat_id = chat AND user_id = person AND (expires_at > now()) IS NOT FALSE)
$$;

-- A new chat, owned by its creator; both users of a Single chat own it. A user named twice is one member. For an
-- existing Single chat, `chat` is that one and `created` is false.
CREATE FUNCTION create_chat(
    creator bigint, workspace bigint, type text, name text, description text, members bigint[],
    OUT chat json, OUT created boolean
) LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
    violated text;
BEGIN
    created := true;
    INSERT INTO chats (workspace_id, type, name, description) VALUES (workspace, type, name, description)
    RETURNING id INTO made;
    INSERT INTO chat_members (chat_id, user_id, role)
    SELECT made, person, CASE WHEN person = creator OR create_chat.type = 'Single' THEN 'owner' ELSE 'member' END
    FROM unnest(members || creator) AS person GROUP BY person ORDER BY person;
    SELECT chat_json(chats, creator) INTO chat FROM chats WHERE id = made;
EXCEPTION WHEN unique_violation THEN
    GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
    IF violated <> 'chats_single_pair_key' THEN
        RAISE;
    END IF;
    created := false;
    SELECT chat_json(chats, creator) INTO chat FROM chats
    WHERE workspace_id = workspace
      AND pair = ARRAY(SELECT person FROM unnest(members || creator) AS person GROUP BY person ORDER BY person);
    IF NOT FOUND THEN  -- it has just been deleted
        RAISE;
    END IF;
END
$$;
