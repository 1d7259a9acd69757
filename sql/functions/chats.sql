-- Chats: the writes that take more than one statement.

-- Whether somebody may write to a chat just now.
CREATE OR REPLACE FUNCTION may_post(chat bigint, person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM chat_members JOIN chats ON chats.id = chat_id
                   WHERE chat_id = chat AND user_id = person AND (silenced_until > now()) IS NOT TRUE AND archived_at IS NULL)
$$;

-- A new chat, its creator as the owner; both people of a Single chat are. Somebody named twice is one member.
-- For a Single chat that is there already, `chat` is that one and `created` is false.
CREATE OR REPLACE FUNCTION create_chat(
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
    IF NOT FOUND THEN  -- it was deleted just now
        RAISE;
    END IF;
END
$$;
