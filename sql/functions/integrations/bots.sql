-- Bots: users that programs post as.

-- Maximum number of bots of a workspace, and of a bot's incoming webhooks.
CREATE FUNCTION most_bots() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 200';
CREATE FUNCTION most_webhooks() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

-- A new bot, and member, of a workspace. Its address belongs to nobody (RFC 6761), and it has no password.
CREATE FUNCTION create_bot(owner bigint, workspace bigint, username text, fullname text, description text DEFAULT NULL)
RETURNS bots LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    made bots;
BEGIN
    PERFORM FROM workspaces WHERE id = workspace FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM bots WHERE workspace_id = workspace) >= most_bots() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'bots_amount',
            MESSAGE = format('workspace %s has %s bots already', workspace, most_bots()), HINT = 'Delete another one first.';
    END IF;
    WITH account AS (
        INSERT INTO users (kind, username, fullname, email, password_hash)
        VALUES ('bot', create_bot.username, create_bot.fullname, gen_random_uuid() || '@bots.invalid', '') RETURNING id
    )
    INSERT INTO bots (user_id, workspace_id, owner_id, description)
    SELECT id, workspace, owner, create_bot.description FROM account RETURNING * INTO made;
    INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (workspace, made.user_id, 'member');
    RETURN made;
END
$$;

-- A bot leaves its workspace for good. Its tokens and webhooks end; what it has posted stays. False if there is none.
CREATE FUNCTION delete_bot(bot bigint) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM workspace_members m USING bots b WHERE b.user_id = bot AND (m.workspace_id, m.user_id) = (b.workspace_id, bot);
    RETURN FOUND;
END
$$;

-- A token of a bot: null if the bot is not active. It opens nothing but the bot's workspace, whatever its scopes.
CREATE FUNCTION open_bot_token(bot bigint, hash bytea, name text, scopes text[], days integer)
RETURNS sessions LANGUAGE plpgsql AS $$
DECLARE
    made sessions;
BEGIN
    -- The row lock makes a suspension wait, so that it sees and ends this token.
    PERFORM 1 FROM users WHERE id = bot AND kind = 'bot' AND status = 'active' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM sessions s WHERE s.user_id = bot AND s.revoked_at IS NULL AND s.expires_at > now()) >= most_tokens() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'personal_tokens_amount',
            MESSAGE = format('bot %s has %s tokens already', bot, most_tokens()), HINT = 'End another one first.';
    END IF;
    INSERT INTO sessions (user_id, expires_at, provider, amr, token_hash, token_name, scopes)
    VALUES (bot, now() + make_interval(days => open_bot_token.days), 'token', '{bot}', open_bot_token.hash,
            btrim(open_bot_token.name), ARRAY(SELECT DISTINCT unnest(open_bot_token.scopes) ORDER BY 1))
    RETURNING * INTO made;
    RETURN made;
END
$$;

-- A bot, as the members of its workspace see it.
CREATE FUNCTION bot_json(b bots) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT b.user_id AS id, b.workspace_id, b.owner_id, u.username, u.fullname, u.avatar, u.status, b.description, b.created_at
        FROM users u WHERE u.id = b.user_id
    ) shape
$$;

-- A webhook, without its secret.
CREATE FUNCTION incoming_webhook_json(w incoming_webhooks) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT w.id, w.bot_id, w.chat_id, w.name, w.created_by, w.created_at, w.last_used_at
    ) shape
$$;

-- An owner who leaves a workspace owns none of its bots any more. A bot that leaves is deleted, and its user name is free.
CREATE FUNCTION leave_bots() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE bots SET owner_id = NULL WHERE owner_id = OLD.user_id AND workspace_id = OLD.workspace_id;
    DELETE FROM bots WHERE user_id = OLD.user_id AND workspace_id = OLD.workspace_id;
    IF FOUND THEN
        UPDATE users SET username = 'deleted-' || id WHERE id = OLD.user_id;
    END IF;
    RETURN NULL;
END
$$;

-- Nor does one whose account is not active any more.
CREATE FUNCTION disown_bots() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE bots SET owner_id = NULL WHERE owner_id = NEW.id;
    RETURN NULL;
END
$$;

-- A bot is in its own workspace alone, and owns nothing there, since nobody could hold it to account: but its Single chats,
-- which both users own.
CREATE FUNCTION bound_bot() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.role = 'owner' AND EXISTS (SELECT FROM users WHERE id = NEW.user_id AND kind = 'bot')
       AND NOT (TG_TABLE_NAME = 'chat_members' AND EXISTS (SELECT FROM chats WHERE id = (to_jsonb(NEW) ->> 'chat_id')::bigint AND type = 'Single')) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'bots_own_nothing',
            MESSAGE = format('user %s is a bot, and cannot be an owner', NEW.user_id);
    ELSIF TG_TABLE_NAME = 'workspace_members' AND TG_OP = 'INSERT' AND EXISTS (
              SELECT FROM users u WHERE u.id = NEW.user_id AND u.kind = 'bot'
              AND NOT EXISTS (SELECT FROM bots b WHERE (b.user_id, b.workspace_id) = (NEW.user_id, NEW.workspace_id))) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'bots_stay_in_their_workspace',
            MESSAGE = format('bot %s belongs to another workspace', NEW.user_id);
    END IF;
    RETURN NEW;
END
$$;
