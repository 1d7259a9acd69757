-- Mentions are found anew by every edit; a tombstone has none. A new message's are found where it gets its place (messages.sql).
CREATE OR REPLACE FUNCTION mention_anew() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.mentions := NULL;
    NEW.mentions_everyone := NULL;
    IF strpos(NEW.content, '@') > 0 AND NEW.forwarded_from IS NULL THEN
        SELECT people, everyone INTO NEW.mentions, NEW.mentions_everyone
        FROM find_mentions(NEW.chat_id, NEW.sender_id, NEW.content);
    END IF;
    RETURN NEW;
END
$$;
-- Triggers go by their names: after `bury`, which takes the content.
CREATE OR REPLACE TRIGGER mention BEFORE UPDATE ON messages
    FOR EACH ROW WHEN ((OLD.content, OLD.mentions, OLD.mentions_everyone)
                       IS DISTINCT FROM (NEW.content, NEW.mentions, NEW.mentions_everyone))
    EXECUTE FUNCTION mention_anew();

-- Keeps the table: what the message says, by who is mentioned.
CREATE OR REPLACE FUNCTION keep_mentions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM mentions WHERE message_id = NEW.id;
        PERFORM mention_late(OLD, NEW);
    END IF;
    INSERT INTO mentions (message_id, chat_id, seq, user_id)
    SELECT NEW.id, NEW.chat_id, NEW.seq, person FROM unnest(NEW.mentions) AS person
    UNION ALL SELECT NEW.id, NEW.chat_id, NEW.seq, NULL WHERE NEW.mentions_everyone IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mentioned AFTER INSERT ON messages
    FOR EACH ROW WHEN (NEW.mentions IS NOT NULL OR NEW.mentions_everyone IS NOT NULL) EXECUTE FUNCTION keep_mentions();
CREATE OR REPLACE TRIGGER mentioned_anew AFTER UPDATE ON messages
    FOR EACH ROW WHEN ((OLD.mentions, OLD.mentions_everyone) IS DISTINCT FROM (NEW.mentions, NEW.mentions_everyone))
    EXECUTE FUNCTION keep_mentions();
