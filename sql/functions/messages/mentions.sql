-- Mentions: finding them in a message's text, and a member's unread ones.

-- The most users that a message can mention, and the largest chat in which every member may mention everyone.
CREATE FUNCTION most_mentions() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 50';
CREATE FUNCTION everyone_members() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';
-- The most unread mentions of a chat that are counted.
CREATE FUNCTION most_unread_mentions() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 100';

-- A text without its blocks of code, fenced or indented (CommonMark 4.5 and 4.4), and without quote marks: an empty
-- line replaces each line of code. It is read block by block as in docs/mentions.md, in one pass.
CREATE FUNCTION without_code_blocks(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE
SET standard_conforming_strings = on AS $$
DECLARE
    item CONSTANT text := '(?:[-+*]|[0-9]{1,9}[.)])';
    line text;
    rest text;
    depth integer;
    outer_depth integer := 0;
    fence text;  -- the open fence, its depth of quotes, and whether it is in a list item
    fence_depth integer;
    fence_in_item boolean;
    in_list boolean := false;
    after_text boolean := false;  -- a paragraph continues: indented lines belong to it
    kept text[] := '{}';
BEGIN
    IF content !~ E'(?:^|\n)[^`~\n]{0,40}(?:```|~~~)|(?:^|\n)[ >]*(?:    |\t)' THEN
        RETURN content;
    END IF;
    FOREACH line IN ARRAY string_to_array(replace(content, E'\r', ''), E'\n') LOOP
        rest := substring(line FROM '^(?: {0,3}> ?){0,9}');
        depth := length(rest) - length(replace(rest, '>', ''));
        rest := substr(line, length(rest) + 1);
        IF fence IS NOT NULL THEN
            IF fence_depth = 0 THEN
                rest := line;
            END IF;
            IF depth >= fence_depth AND NOT (fence_in_item AND rest ~ '^[^ \t]') THEN
                IF starts_with(substring(rest FROM '^[ \t]*(`+|~+)[ \t]*$'), fence)
                   AND (fence_in_item OR rest ~ '^ {0,3}[`~]') THEN
                    fence := NULL;
                END IF;
                kept := array_append(kept, '');
                CONTINUE;
            END IF;
            fence := NULL;  -- it ends with its quote or item
        END IF;
        IF depth > outer_depth THEN
            kept := array_append(kept, '');
            after_text := false;
            in_list := false;
        END IF;
        outer_depth := depth;
        IF rest ~ '^[ \t]*$' THEN
            kept := array_append(kept, '');
            after_text := false;
            CONTINUE;
        END IF;
        fence_in_item := in_list AND rest ~ '^[ \t]' OR rest ~ ('^ {0,3}' || item || '[ \t]');
        fence := substring(rest FROM CASE WHEN fence_in_item THEN '^[ \t]*(?:' || item || '[ \t]+)?' ELSE '^ {0,3}' END
                                     || '(`{3,}(?=[^`]*$)|~{3,})');
        IF fence IS NOT NULL THEN
            fence_depth := depth;
            in_list := fence_in_item;
            after_text := false;
            kept := array_append(kept, '');
        ELSIF rest ~ '^(?: {4}| {0,3}\t)' AND NOT after_text AND NOT in_list THEN
            kept := array_append(kept, '');
        ELSIF rest ~ ('^ {0,3}' || item || '(?:[ \t]|$)') AND rest !~ '^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,})$' THEN
            in_list := true;
            after_text := true;
            kept := array_append(array_append(kept, ''), rest);
        ELSE
            in_list := in_list AND (after_text OR rest ~ '^[ \t]');
            -- Neither a heading nor a thematic break is a paragraph.
            after_text := rest !~ '^ {0,3}(?:#{1,6}(?:[ \t].*)?|(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|=+[ \t]*)$';
            kept := CASE WHEN after_text THEN array_append(kept, rest)
                         ELSE array_append(array_append(array_append(kept, ''), rest), '') END;
        END IF;
    END LOOP;
    RETURN array_to_string(kept, E'\n');
END
$$;

-- A text without its code spans (CommonMark 6.1): between two equally long runs of backticks in a paragraph. A
-- backslash removes a backtick from the run that would begin a span, but not from the one that ends it. Each run knows
-- the next of its length, so this takes two passes, whatever the text.
CREATE FUNCTION without_code_spans(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE
SET standard_conforming_strings = on AS $$
DECLARE
    parts text[];
    begins integer[];  -- of each run: the number of backticks with which it would begin a span
    ends integer[];  -- and the end of that span
    next_of integer[] := '{}';  -- by length, the next run in this paragraph
    place integer;
    size integer;
    kept text[] := '{}';
BEGIN
    IF strpos(content, '`') = 0 THEN
        RETURN content;
    END IF;
    parts := ARRAY(SELECT part[1] FROM regexp_matches(content, '`+|[^`]+', 'g') WITH ORDINALITY AS found (part, place) ORDER BY found.place);
    begins := array_fill(NULL::integer, ARRAY[cardinality(parts)]);
    ends := begins;
    FOR place IN REVERSE cardinality(parts)..1 LOOP
        IF parts[place] ~ '^`' THEN
            size := length(parts[place]);
            begins[place] := size - CASE WHEN place > 1 AND length(substring(parts[place - 1] FROM '\\*$')) % 2 = 1 THEN 1 ELSE 0 END;
            ends[place] := next_of[begins[place]];
            next_of[size] := place;
        ELSIF parts[place] ~ E'\n[ \t\r]*\n' THEN
            next_of := '{}';
        END IF;
    END LOOP;
    place := 1;
    WHILE place <= cardinality(parts) LOOP
        IF ends[place] IS NULL THEN
            kept := array_append(kept, parts[place]);
            place := place + 1;
        ELSE
            kept := array_append(kept, left(parts[place], length(parts[place]) - begins[place]) || ' ');
            place := ends[place] + 1;
        END IF;
    END LOOP;
    RETURN array_to_string(kept, '');
END
$$;

-- The mentions in a text (docs/mentions.md): members by their user names, without the sender, and everyone by @all or
-- @here. An @ within a link, an address, a path or code, or after a backslash, does not count; after a name a / or +
-- connects the next one. In a chat of more than everyone_members() only its admins and owners mention everyone; from
-- others it is plain text.
CREATE FUNCTION find_mentions(chat bigint, sender bigint, content text, OUT people bigint[], OUT everyone text)
LANGUAGE plpgsql SET enable_seqscan = off SET standard_conforming_strings = on AS $$
DECLARE
    prose text := without_code_spans(without_code_blocks(content));
    names text[];
BEGIN
    IF strpos(prose, '://') > 0 THEN
        prose := regexp_replace(prose, 'https?://[^[:space:]<>"]*', ' ', 'gi');
    END IF;
    names := ARRAY(
        SELECT name FROM (
            SELECT lower(name[1]) AS name, min(joined.place) AS place
            FROM regexp_matches(prose, E'(?<![A-Za-z0-9_.+%/\\\\@-])_*'
                                '(@[A-Za-z0-9][A-Za-z0-9._-]*(?:(?<=[A-Za-z0-9_])[/+]_*@[A-Za-z0-9][A-Za-z0-9._-]*)*)', 'g')
                 WITH ORDINALITY AS joined (run, place),
                 regexp_matches(run[1], '@([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)', 'g') AS name
            GROUP BY 1) distinct_names
        ORDER BY rtrim(name, '_') IN ('all', 'here') DESC, place LIMIT most_mentions() + 2);
    IF rtrim(names[1], '_') IN ('all', 'here') THEN
        SELECT CASE WHEN 'all' IN (SELECT rtrim(name, '_') FROM unnest(names) name) THEN 'all' ELSE 'here' END INTO everyone
        FROM chats LEFT JOIN chat_members m ON m.chat_id = chats.id AND m.user_id = sender
        WHERE chats.id = chat AND (member_count <= everyone_members() OR m.role IN ('admin', 'owner'));
    END IF;
    -- A _ at the end may be part of the name or end an emphasis: the longest name that a member has wins.
    FOR place IN 1..cardinality(names) LOOP
        IF names[place] LIKE '%\_' THEN
            names[place] := (
                SELECT lower(username) FROM generate_series(length(rtrim(names[place], '_')), least(length(names[place]), 32)) AS size
                JOIN users ON lower(username) = left(names[place], size)
                JOIN chat_members m ON m.chat_id = chat AND m.user_id = users.id
                ORDER BY size DESC LIMIT 1);
        END IF;
    END LOOP;
    SELECT array_agg(m.user_id ORDER BY m.user_id) INTO people
    FROM (SELECT id FROM users WHERE lower(username) = ANY (names[:most_mentions()])) named
    JOIN chat_members m ON m.chat_id = chat AND m.user_id = named.id AND m.user_id <> sender;
    IF cardinality(names) > 0 AND EXISTS (SELECT FROM groups WHERE lower(name) = ANY (names[:most_mentions()])) THEN
        people := with_groups(people, chat, sender, names[:most_mentions()]);
    END IF;
END
$$;

-- The seqs above one; null if there are none.
CREATE FUNCTION seqs_above(seqs bigint[], seq bigint) RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(one ORDER BY one) FROM unnest(seqs) AS one WHERE one > seq
$$;

-- After an edit: users whom it adds to a message that they had read get an unread mention; users whom it removes lose
-- it. A mention of everyone that an edit adds is not unread for those who have read the message. Members' rows are
-- locked in the order of their ids, so that two edits do not deadlock, and before they are read, so that each is
-- current.
CREATE FUNCTION mention_late(former messages, present messages) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    everybody CONSTANT bigint[] := former.mentions || present.mentions;
    added CONSTANT bigint[] := ARRAY(
        SELECT unnest(present.mentions) WHERE former.mentions_everyone IS NULL EXCEPT SELECT unnest(former.mentions));
BEGIN
    PERFORM FROM chat_members WHERE chat_id = present.chat_id AND user_id = ANY (everybody) ORDER BY user_id FOR NO KEY UPDATE;
    UPDATE chat_members m SET late_mentions = (seqs_above(m.late_mentions, 0) || present.seq)[
        greatest(1, coalesce(cardinality(m.late_mentions), 0) + 2 - most_unread_mentions()) :]
    WHERE chat_id = present.chat_id AND user_id = ANY (added) AND last_read_seq >= present.seq
      AND (present.seq = ANY (late_mentions)) IS NOT TRUE;
    UPDATE chat_members SET late_mentions = nullif(array_remove(late_mentions, present.seq), '{}')
    WHERE chat_id = present.chat_id AND user_id = ANY (former.mentions) AND present.seq = ANY (late_mentions)
      AND (user_id = ANY (present.mentions)) IS NOT TRUE;
END
$$;

-- The seqs of messages that mention a member and are unread, or mention them by an edit after they were read: the
-- newest most_unread_mentions(), oldest first. A set of one array, since a set becomes part of the calling query. Also
-- by user_id, which is null in all of these: otherwise the planner does not see that the index has them in order.
CREATE FUNCTION unread_mentions(c chats, m chat_members) RETURNS SETOF bigint[] LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT CASE WHEN c.last_seq > m.last_read_seq OR m.late_mentions IS NOT NULL THEN ARRAY(
        SELECT seq FROM (
            (SELECT seq FROM mentions WHERE chat_id = c.id AND user_id = m.user_id AND seq > m.last_read_seq
             ORDER BY seq DESC LIMIT most_unread_mentions())
            UNION
            (SELECT seq FROM mentions WHERE chat_id = c.id AND user_id IS NULL AND seq > m.last_read_seq
             ORDER BY user_id DESC, seq DESC LIMIT most_unread_mentions())
            UNION
            (SELECT seq FROM mentions WHERE m.late_mentions IS NOT NULL
             AND chat_id = c.id AND user_id = m.user_id AND seq = ANY (m.late_mentions))
            ORDER BY seq DESC LIMIT most_unread_mentions()
        ) newest ORDER BY seq) ELSE '{}' END
$$;
