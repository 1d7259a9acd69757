-- Commands: what people type, and the bots that are asked; and answers to one person alone.

CREATE FUNCTION most_commands() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 50';
-- Of one person, at a time. The oldest go first.
CREATE FUNCTION most_private_answers() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

CREATE FUNCTION command_json(c commands) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT c.id, c.workspace_id, c.bot_id, c.name, c.description, c.usage, c.created_at
    ) shape
$$;

CREATE FUNCTION private_answer_json(a private_answers) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT a.id, a.chat_id, a.bot_id, a.content, a.metadata, a.created_at
    ) shape
$$;

-- Keeps what a bot says to one person alone, if both are in the chat, and drops what is older than an hour. Null: one of
-- them is not.
CREATE FUNCTION answer_privately(bot bigint, person bigint, chat bigint, content text, metadata jsonb)
RETURNS private_answers LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    made private_answers;
BEGIN
    IF (SELECT count(*) FROM chat_members m JOIN users u ON u.id = m.user_id
        WHERE m.chat_id = chat AND (m.user_id = person OR m.user_id = bot AND u.kind = 'bot' AND is_in_use(u))) <> 2 THEN
        RETURN NULL;
    END IF;
    DELETE FROM private_answers WHERE user_id = person AND id <= (
        SELECT id FROM private_answers WHERE user_id = person ORDER BY id DESC OFFSET most_private_answers() - 1 LIMIT 1);
    INSERT INTO private_answers (user_id, chat_id, bot_id, content, metadata)
    VALUES (person, chat, bot, answer_privately.content, answer_privately.metadata) RETURNING * INTO made;
    RETURN made;
END
$$;
