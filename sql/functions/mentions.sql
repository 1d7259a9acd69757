-- Mentions: whom a message names, found in its text, and which of them somebody has not read.

-- How many people a message can mention, and how many members a chat has at most where each of them may mention everyone.
CREATE OR REPLACE FUNCTION most_mentions() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 50';
CREATE OR REPLACE FUNCTION everyone_members() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';
-- How many unread mentions of a chat are counted.
CREATE OR REPLACE FUNCTION most_unread_mentions() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

-- A text without its fenced code blocks (CommonMark 4.5): between a line of three or more ` or ~ and one of as many.
CREATE OR REPLACE FUNCTION without_code_blocks(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    line text;
    fence text;
    kept text[] := '{}';
BEGIN
    IF content !~ E'(^|\n) {0,3}(```|~~~)' THEN
        RETURN content;
    END IF;
    FOREACH line IN ARRAY string_to_array(content, E'\n') LOOP
        IF fence IS NULL THEN
            fence := coalesce(substring(line FROM '^ {0,3}(`{3,})[^`]*$'), substring(line FROM '^ {0,3}(~{3,})'));
            kept := array_append(kept, CASE WHEN fence IS NULL THEN line ELSE '' END);
        ELSIF starts_with(substring(line FROM E'^ {0,3}(`+|~+)[ \t\r]*$'), fence) THEN
            fence := NULL;
        END IF;
    END LOOP;
    RETURN array_to_string(kept, E'\n');
END
$$;

-- A text without its code spans (CommonMark 6.1): between two runs of as many backticks in a paragraph.
-- Each run knows the next of its length, so this takes one pass, whatever the text.
CREATE OR REPLACE FUNCTION without_code_spans(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    piece record;
    closed_by bigint := 0;
    kept text[] := '{}';
BEGIN
    IF strpos(content, '`') = 0 THEN
        RETURN content;
    END IF;
    FOR piece IN
        SELECT place, part, CASE WHEN starts_with(part, '`') THEN
            lead(place) OVER (PARTITION BY paragraph, part ORDER BY place) END AS closer
        FROM (SELECT place, part, count(*) FILTER (WHERE part ~ E'\n[ \t\r]*\n') OVER (ORDER BY place) AS paragraph
              FROM (SELECT place, part[1] AS part
                    FROM regexp_matches(content, '`+|[^`]+', 'g') WITH ORDINALITY AS pieces (part, place)) parts) numbered
        ORDER BY place
    LOOP
        CONTINUE WHEN piece.place <= closed_by;
        closed_by := piece.closer;
        kept := array_append(kept, CASE WHEN piece.closer IS NULL THEN piece.part ELSE ' ' END);
    END LOOP;
    RETURN array_to_string(kept, '');
END
$$;

-- Whom a text mentions: members by their user names, without the sender, and everyone by @all or @here. An @ within an
-- address, a path or code, or after a backslash, is none. In a chat of more than everyone_members() only its admins and
-- owners mention everyone; from others it is a text like any other.
CREATE OR REPLACE FUNCTION find_mentions(chat bigint, sender bigint, content text, OUT people bigint[], OUT everyone text)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    names text[] := ARRAY(
        SELECT name FROM (
            SELECT lower(name[1]) AS name, min(place) AS place
            FROM regexp_matches(without_code_spans(without_code_blocks(content)),
                                E'(?<![A-Za-z0-9_.+%/\\\\@-])@([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)', 'g')
                 WITH ORDINALITY AS named (name, place)
            GROUP BY 1) distinct_names
        ORDER BY name IN ('all', 'here') DESC, place LIMIT most_mentions() + 2);
BEGIN
    IF names && ARRAY['all', 'here'] THEN
        SELECT CASE WHEN 'all' = ANY (names) THEN 'all' ELSE 'here' END INTO everyone
        FROM chats LEFT JOIN chat_members m ON m.chat_id = chats.id AND m.user_id = sender
        WHERE chats.id = chat AND (member_count <= everyone_members() OR m.role IN ('admin', 'owner'));
    END IF;
    SELECT array_agg(m.user_id ORDER BY m.user_id) INTO people
    FROM (SELECT id FROM users WHERE lower(username) = ANY (names[:most_mentions()])) named
    JOIN chat_members m ON m.chat_id = chat AND m.user_id = named.id AND m.user_id <> sender;
END
$$;

-- The seqs of the messages that mention a member and are above what they have read: the newest most_unread_mentions(), the
-- oldest first. A set of one array, since a set becomes part of the query that calls it.
-- By user_id too, which is null in all of these: else the planner does not see that the index has them in order.
DROP FUNCTION IF EXISTS unread_mentions(chats, bigint, bigint);
CREATE OR REPLACE FUNCTION unread_mentions(c chats, m chat_members) RETURNS SETOF bigint[] LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT CASE WHEN c.last_seq > m.last_read_seq THEN ARRAY(
        SELECT seq FROM (
            (SELECT seq FROM mentions WHERE chat_id = c.id AND user_id = m.user_id AND seq > m.last_read_seq
             ORDER BY seq DESC LIMIT most_unread_mentions())
            UNION
            (SELECT seq FROM mentions WHERE chat_id = c.id AND user_id IS NULL AND seq > m.last_read_seq
             ORDER BY user_id DESC, seq DESC LIMIT most_unread_mentions())
            ORDER BY seq DESC LIMIT most_unread_mentions()
        ) newest ORDER BY seq) ELSE '{}' END
$$;
