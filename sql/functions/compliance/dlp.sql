-- Rules about what may be said (DLP): how a pattern is admitted, what a rule finds, and what comes of it (ADR 77).

-- How many rules a workspace may have, and what a pattern may cost: arcs of the automaton that PostgreSQL makes of it, from each
-- character to each that may follow it. Nested repetitions make many of few characters.
CREATE FUNCTION dlp_rules_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 50';
CREATE FUNCTION dlp_pattern_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 128';
CREATE FUNCTION dlp_patterns_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1000';

CREATE FUNCTION refuse_pattern(why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'dlp_pattern_is_bounded', MESSAGE = format('the pattern is refused: %s', why);
END
$$;

-- A part of a pattern: with which of its characters a match may begin and end, its arcs, and whether it may match nothing.
CREATE TYPE dlp_part AS (begins bigint, ends bigint, arcs bigint, may_be_empty boolean);

CREATE FUNCTION dlp_both(a dlp_part, b dlp_part) RETURNS dlp_part LANGUAGE sql IMMUTABLE AS $$
    SELECT (a).begins + CASE WHEN (a).may_be_empty THEN (b).begins ELSE 0 END, (b).ends + CASE WHEN (b).may_be_empty THEN (a).ends ELSE 0 END,
           (a).arcs + (b).arcs + (a).ends * (b).begins, (a).may_be_empty AND (b).may_be_empty
$$;

CREATE FUNCTION dlp_either(a dlp_part, b dlp_part) RETURNS dlp_part LANGUAGE sql IMMUTABLE AS $$
    SELECT (a).begins + (b).begins, (a).ends + (b).ends, (a).arcs + (b).arcs, (a).may_be_empty OR (b).may_be_empty
$$;

-- A part repeated, as PostgreSQL writes it out: a{1,3} is ((a)?a)?a. A part that costs too much already is not written out further.
CREATE FUNCTION dlp_repeated(a dlp_part, lowest integer, highest integer) RETURNS dlp_part LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    made dlp_part := a;
BEGIN
    FOR place IN 2 .. highest LOOP
        IF place > greatest(lowest, 1) THEN
            EXIT WHEN made.arcs + made.begins > dlp_pattern_most();
            made.may_be_empty := true;
            made := dlp_both(made, a);
        END IF;
    END LOOP;
    FOR place IN 2 .. lowest LOOP
        EXIT WHEN made.arcs + made.begins > dlp_pattern_most();
        made := dlp_both(a, made);
    END LOOP;
    made.may_be_empty := made.may_be_empty OR lowest = 0;
    RETURN made;
END
$$;

-- A pattern as PostgreSQL searches it, and what it costs. Only what is found in linear time is admitted: characters, classes, groups,
-- alternatives, word boundaries, and repetitions that end. Neither * nor +, no back references, no look-around.
CREATE FUNCTION dlp_expression(pattern text, OUT made text, OUT cost integer) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    most CONSTANT integer := dlp_pattern_most();
    nothing CONSTANT dlp_part := (0, 0, 0, true);
    never CONSTANT dlp_part := (0, 0, 0, false);
    rest text := pattern;
    token text;
    -- Of each group that is open: the alternatives before this one, and this one without its last atom.
    others dlp_part[] := ARRAY[never];
    before dlp_part[] := ARRAY[nothing];
    atom dlp_part := nothing;  -- what a repetition would repeat
    repeatable boolean := false;
    depth integer := 1;
    times integer[];
BEGIN
    made := '';
    WHILE rest <> '' LOOP
        token := substring(rest FROM $re$^(?:\\[dwsDWSb]|\\[^[:alnum:]]|\[\^?(?:\\[dws]|\\[^[:alnum:]]|[^]\[\\])+\]|\((?:\?:)?|[)|?]|\{\d{1,3}(?:,\d{1,3})?\}|[^\\^$.|?*+()\[\]{}]|\.)$re$);
        IF token IS NULL THEN
            PERFORM refuse_pattern(format('what stands at %L is not admitted', left(rest, 10)));
        END IF;
        rest := substr(rest, length(token) + 1);
        IF token = '?' OR token LIKE '{%' THEN
            IF NOT repeatable THEN
                PERFORM refuse_pattern(format('%s repeats nothing', token));
            END IF;
            times := CASE token WHEN '?' THEN '{0,1}' ELSE string_to_array(btrim(token, '{}'), ',')::integer[] END;
            IF times[cardinality(times)] NOT BETWEEN 1 AND most THEN
                PERFORM refuse_pattern(format('%s is not within 1 to %s', token, most));
            END IF;
            atom := dlp_repeated(atom, times[1], times[cardinality(times)]);
            repeatable := false;
        ELSE
            before[depth] := dlp_both(before[depth], atom);
            atom := nothing;
            repeatable := token NOT IN ('(', '(?:', '|', '\b');
            CASE
                WHEN token IN ('(', '(?:') THEN
                    depth := depth + 1;
                    others := others || never;
                    before := before || nothing;
                    token := '(?:';
                WHEN token = ')' THEN
                    IF depth = 1 THEN
                        PERFORM refuse_pattern('a ) closes nothing');
                    END IF;
                    atom := dlp_either(others[depth], before[depth]);
                    depth := depth - 1;
                    others := others[: depth];
                    before := before[: depth];
                WHEN token = '|' THEN
                    others[depth] := dlp_either(others[depth], before[depth]);
                    before[depth] := nothing;
                WHEN token = '\b' THEN
                    token := '\y';
                ELSE
                    atom := (1, 1, 0, false);
            END CASE;
        END IF;
        cost := least((others[depth]).arcs + (before[depth]).arcs + atom.arcs + atom.begins, most + 1);
        IF cost > most THEN
            PERFORM refuse_pattern(format('it is too complex: shorten its repetitions, and nest none, before %L', left(rest, 10)));
        END IF;
        made := made || token;
    END LOOP;
    IF depth > 1 THEN
        PERFORM refuse_pattern('a ( is not closed');
    END IF;
    atom := dlp_either(others[1], dlp_both(before[1], atom));
    cost := least(atom.arcs + atom.begins, most + 1);
    IF cost > most THEN
        PERFORM refuse_pattern('it is too complex: shorten its repetitions, and nest none');
    END IF;
    BEGIN
        IF EXISTS (SELECT FROM unnest(ARRAY['', 'a', 'q', '7', '中']) AS said WHERE (regexp_match(said, '(' || made || ')', 'i'))[1] = '') THEN
            PERFORM refuse_pattern('it finds nothing at all, and so everything');
        END IF;
    EXCEPTION WHEN invalid_regular_expression THEN
        PERFORM refuse_pattern(SQLERRM);
    END;
END
$$;

-- Words as PostgreSQL searches them. One that begins or ends with a Latin letter or digit is not found within a longer one.
CREATE FUNCTION dlp_words_expression(words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(CASE WHEN word ~ '^[A-Za-z0-9]' THEN '(?<![A-Za-z0-9])' ELSE '' END || regexp_replace(word, '([^[:alnum:][:space:]])', '\\\1', 'g')
                      || CASE WHEN word ~ '[A-Za-z0-9]$' THEN '(?![A-Za-z0-9])' ELSE '' END, '|' ORDER BY place)
    FROM unnest(words) WITH ORDINALITY AS listed (word, place)
$$;

-- What is said, as it is searched: in one form of each character (full-width digits are digits), without what is not seen. Marks
-- of a script stay within that script, and go elsewhere.
CREATE FUNCTION dlp_plain(said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN octet_length(said) = length(said) THEN said
           ELSE regexp_replace(regexp_replace(normalize(said, NFKC), '[' || unseen_characters() || ']', '', 'g'),
                               '([^\u0590-\u1CFF\u2C80-\u2DFF\uA66F-\uABFF\uFB1D-\uFDFF\U00010000-\U0001E94F])[' || script_marks() || ']+', '\1', 'g') END
$$;

-- All strings, keys and numbers of metadata, as they are read and not as JSON writes them, apart from each other.
CREATE FUNCTION dlp_strings(metadata jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    WITH RECURSIVE inner_value (value) AS (
        SELECT metadata
        UNION ALL
        SELECT below.value FROM inner_value outer_value, LATERAL (
            SELECT value FROM jsonb_each(CASE jsonb_typeof(outer_value.value) WHEN 'object' THEN outer_value.value END)
            UNION ALL
            SELECT value FROM jsonb_array_elements(CASE jsonb_typeof(outer_value.value) WHEN 'array' THEN outer_value.value END)) below
    )
    SELECT string_agg(said, E'\n\n\n\n\n') FROM (
        SELECT value #>> '{}' AS said FROM inner_value WHERE jsonb_typeof(value) IN ('string', 'number')
        UNION ALL
        SELECT key FROM inner_value, jsonb_object_keys(CASE jsonb_typeof(value) WHEN 'object' THEN value END) AS key) spoken
$$;

-- The check digit of ISO/IEC 7812: of cards.
CREATE FUNCTION luhn_holds(digits text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT sum(CASE WHEN (length(digits) - place) % 2 = 0 THEN digit WHEN digit > 4 THEN digit * 2 - 9 ELSE digit * 2 END) % 10 = 0
    FROM (SELECT place, substr(digits, place::integer, 1)::integer AS digit FROM generate_series(1, length(digits)) AS place) digits_of
$$;

-- Whether digits are a card's: its length fits its issuer, and its check digit holds.
CREATE FUNCTION is_card_number(digits text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT digits ~ '^(?:4\d{12}|4\d{15}|4\d{18}|(?:5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d*|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}|62\d{14,17})$'
       AND (digits !~ '^(?:5[1-5]|2[2-7])' OR length(digits) = 16) AND luhn_holds(digits)
$$;

-- What may stand between two digits of a card number: up to three spaces, line breaks, dashes and marks.
CREATE FUNCTION card_separator() RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '[\s\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u002D\u058A\u05BE\u1400\u1806\u2010-\u2015\u2043\u2212\u2E17\u2E1A\u2E3A\u2E3B\u2E40\u301C\u3030\u30A0\uFE58.,*_/|+~=·•]'
$$;

-- The text with each card number blotted out. A number begins and ends with a group of digits, and has at most seven of them,
-- since other digits may stand beside it.
CREATE FUNCTION cards_redacted(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    separator CONSTANT text := card_separator();
    runs CONSTANT text := '\d(?:' || separator || '{0,3}\d){12,}';
    between CONSTANT text[] := regexp_split_to_array(said, runs);
    made text := between[1];
    run text;
    place integer := 1;
BEGIN
    FOR run IN SELECT hit[1] FROM regexp_matches(said, '(' || runs || ')', 'g') AS hit LOOP
        place := place + 1;
        made := made || cards_of_run_redacted(run, separator) || between[place];
    END LOOP;
    RETURN made;
END
$$;

CREATE FUNCTION cards_of_run_redacted(run text, separator text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    groups CONSTANT text[] := regexp_split_to_array(run, separator || '+');
    separators CONSTANT text[] := ARRAY(SELECT hit[1] FROM regexp_matches(run, '(' || separator || '+)', 'g') AS hit);
    amount CONSTANT integer := cardinality(groups);
    found_until integer := 0;  -- the last group of a number that has been found
    made text := '';
    digits text;
BEGIN
    IF length(run) <= 40 AND is_card_number(array_to_string(groups, '')) THEN
        RETURN '█████';
    END IF;
    FOR place IN 1 .. amount LOOP
        digits := '';
        FOR until IN place .. least(amount, place + 6) LOOP
            digits := digits || groups[until];
            EXIT WHEN length(digits) > 19;
            IF until > found_until AND length(digits) >= 13 AND is_card_number(digits) THEN
                IF found_until < place THEN
                    made := made || '█████';
                END IF;
                found_until := until;
            END IF;
        END LOOP;
        IF place > found_until THEN
            made := made || groups[place];
        END IF;
        IF place < amount AND place >= found_until THEN
            made := made || separators[place];
        END IF;
    END LOOP;
    RETURN made;
END
$$;

-- Whether this is the number of a resident identity card of China (GB 11643): a province, a day, and the check digit of ISO/IEC 7064
-- MOD 11-2.
CREATE FUNCTION is_resident_id(id text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT id ~ '^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|91)\d{4}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]$'
       AND substr('10X98765432', 1 + (sum(substr(id, place, 1)::integer * (ARRAY[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])[place]) % 11)::integer, 1)
           = substr(id, 18, 1)
    FROM generate_series(1, CASE WHEN id ~ '^\d{17}' THEN 17 ELSE 0 END) AS place
$$;

-- The text with each such number blotted out.
CREATE FUNCTION resident_ids_redacted(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    looks_like CONSTANT text := '(?<![0-9])[1-9]\d{16}[\dXx](?![0-9A-Za-z])';
    between CONSTANT text[] := regexp_split_to_array(said, looks_like);
    made text := between[1];
    found text;
    place integer := 1;
BEGIN
    FOR found IN SELECT hit[1] FROM regexp_matches(said, '(' || looks_like || ')', 'g') AS hit LOOP
        place := place + 1;
        made := made || CASE WHEN is_resident_id(upper(found)) THEN '█████' ELSE found END || between[place];
    END LOOP;
    RETURN made;
END
$$;

-- What a rule searches a text for. Of words only those that the text has: an expression of all of them might be large.
CREATE FUNCTION dlp_expression_for(rule dlp_rules, plain text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN rule.kind <> 'words' THEN rule.expression
           ELSE (SELECT dlp_words_expression(array_agg(word ORDER BY place))
                 FROM (SELECT lower(plain) AS folded OFFSET 0) once, unnest(rule.words) WITH ORDINALITY AS listed (word, place)
                 WHERE strpos(folded, lower(word)) > 0) END
$$;

-- Whether a rule finds something in a text (of dlp_plain).
CREATE FUNCTION dlp_finds(rule dlp_rules, plain text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE rule.kind WHEN 'card_number' THEN cards_redacted(plain) <> plain WHEN 'resident_id' THEN resident_ids_redacted(plain) <> plain
                          ELSE coalesce(plain ~* dlp_expression_for(rule, plain), false) END
$$;

-- The text without what the rule finds.
CREATE FUNCTION dlp_redacted(rule dlp_rules, plain text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE rule.kind WHEN 'card_number' THEN cards_redacted(plain) WHEN 'resident_id' THEN resident_ids_redacted(plain)
                          ELSE coalesce(regexp_replace(plain, dlp_expression_for(rule, plain), '█████', 'gi'), plain) END
$$;

-- What the rules of a workspace say: the strictest action, with the first rule that asks for it, and what may be said instead.
CREATE TYPE dlp_verdict AS (action text, rule_id bigint, rule_name text, content text);

-- The verdict on what is said in a workspace; null if no rule finds anything. What metadata says cannot be redacted, so it is
-- blocked. Rules that are there judge with the feature off, too: nobody may say more since it has been switched off.
CREATE FUNCTION dlp_judge(workspace bigint, said text, metadata jsonb DEFAULT NULL) RETURNS dlp_verdict LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    screen dlp_screens;
    plain text;
    redacted text;
    beside text;
    verdict dlp_verdict;
    rule dlp_rules;
BEGIN
    SELECT * INTO screen FROM dlp_screens WHERE workspace_id = workspace;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    plain := dlp_plain(said);
    beside := dlp_plain(dlp_strings(metadata));
    IF NOT (dlp_may_find(screen, plain) OR beside IS NOT NULL AND dlp_may_find(screen, beside)) THEN
        RETURN NULL;
    END IF;
    FOR rule IN SELECT * FROM dlp_rules WHERE workspace_id = workspace AND enabled
                ORDER BY array_position(ARRAY['block', 'redact', 'flag'], action), id LOOP
        IF beside IS NOT NULL AND dlp_finds(rule, beside) AND rule.action <> 'flag' THEN
            verdict := ('block', rule.id, rule.name, said);
            RETURN verdict;
        END IF;
        IF rule.action = 'redact' THEN
            redacted := dlp_redacted(rule, plain);
            CONTINUE WHEN redacted = plain;
            plain := redacted;
            verdict.content := redacted;
        ELSE
            CONTINUE WHEN NOT (dlp_finds(rule, plain) OR beside IS NOT NULL AND dlp_finds(rule, beside));
        END IF;
        IF verdict.action IS NULL OR (verdict.action = 'redact' AND rule.action = 'flag') THEN
            verdict.action := rule.action;
            verdict.rule_id := rule.id;
            verdict.rule_name := rule.name;
        END IF;
        EXIT WHEN rule.action = 'block';
    END LOOP;
    RETURN verdict;
END
$$;

-- Whether a rule of the workspace may find something: one look for all of them.
CREATE FUNCTION dlp_may_find(screen dlp_screens, plain text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT EXISTS (SELECT FROM (SELECT lower(plain) AS folded OFFSET 0) once, unnest(screen.words) AS word WHERE strpos(folded, word) > 0)
        OR coalesce(plain ~* screen.pattern, false)
$$;

CREATE FUNCTION refuse_blocked(verdict dlp_verdict) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'said_is_blocked',
        MESSAGE = format('rule %s (%s) does not let this be said here', verdict.rule_id, verdict.rule_name);
END
$$;

-- Holds what a rule has blocked, for review, and returns its id. Null if no rule blocks it, or this person may not post there.
CREATE FUNCTION hold_blocked(chat bigint, sender bigint, said text, extra jsonb) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    place CONSTANT bigint := (SELECT workspace_id FROM chats WHERE id = chat);
    source messages;
    verdict dlp_verdict;
    made bigint;
BEGIN
    IF post_refused(chat, sender) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    SELECT m.* INTO source FROM messages m JOIN chat_members c ON c.chat_id = m.chat_id AND c.user_id = sender
    WHERE m.id = (extra ->> 'forward_of')::bigint AND m.deleted_at IS NULL;
    said := coalesce(source.content, said);
    verdict := dlp_judge(place, said, coalesce(source.metadata, extra -> 'metadata'));
    IF verdict.action = 'block' THEN
        -- A retry finds it held already.
        SELECT id INTO made FROM held_messages
        WHERE sender_id = sender AND chat_id = chat AND content = said AND status = 'open' AND created_at > now() - interval '1 day' LIMIT 1;
        IF NOT FOUND THEN
            INSERT INTO held_messages (workspace_id, chat_id, sender_id, rule_id, rule_name, action, type, content, metadata, reply_to, files)
            VALUES (place, chat, sender, verdict.rule_id, verdict.rule_name, 'block', coalesce(source.type, extra ->> 'type', 'text'), said,
                    coalesce(source.metadata, extra -> 'metadata'), (extra ->> 'reply_to')::bigint,
                    CASE WHEN source.id IS NULL THEN ids_of(nullif(extra -> 'files', 'null')) END)
            RETURNING id INTO made;
        END IF;
    END IF;
    RETURN made;
END
$$;

-- Says in the audit log that a rule has blocked an edit, without its text: nobody reviews edits. Nothing, if none blocks it.
CREATE FUNCTION audit_blocked_edit(message bigint, said text, extra jsonb) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    edited messages;
    place bigint;
    verdict dlp_verdict;
BEGIN
    SELECT * INTO edited FROM messages WHERE id = message AND sender_id = acting_user() AND deleted_at IS NULL;
    place := (SELECT workspace_id FROM chats WHERE id = edited.chat_id);
    verdict := dlp_judge(place, coalesce(said, edited.content), coalesce(extra, edited.metadata));
    IF verdict.action = 'block' THEN
        PERFORM audit('edit_blocked', workspace_id => place, chat_id => edited.chat_id, target_type => 'message', target_id => message,
                      after => jsonb_build_object('rule', verdict.rule_name));
    END IF;
END
$$;

-- Ends the review of something: what was blocked is posted now, as its sender's, or it is not. Its content goes from the queue.
CREATE FUNCTION end_review(held bigint, workspace bigint, outcome text) RETURNS json LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held_one held_messages;
    posted bigint;
BEGIN
    SELECT * INTO held_one FROM held_messages WHERE id = held AND workspace_id = workspace FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF held_one.status <> 'open' THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'review_has_ended', MESSAGE = format('held message %s is %s', held, held_one.status);
    END IF;
    IF outcome = 'released' AND held_one.action = 'block' THEN
        UPDATE held_messages SET status = 'released' WHERE id = held;
        PERFORM set_config('fechatter.releases', held::text, true);
        INSERT INTO messages (chat_id, sender_id, type, content, metadata, reply_to, files)
        VALUES (held_one.chat_id, held_one.sender_id, held_one.type, held_one.content, held_one.metadata, held_one.reply_to, held_one.files) RETURNING id INTO posted;
        PERFORM set_config('fechatter.releases', '', true);
    END IF;
    UPDATE held_messages SET (status, handled_by, handled_at, message_id, content, metadata) =
        (outcome, acting_user(), now(), coalesce(posted, message_id), NULL, NULL) WHERE id = held RETURNING * INTO held_one;
    PERFORM audit('held_message_' || outcome, workspace_id => workspace, chat_id => held_one.chat_id, target_type => 'held_message', target_id => held,
                  after => jsonb_build_object('rule', held_one.rule_name, 'sender_id', held_one.sender_id));
    RETURN held_message_json(held_one);
END
$$;

CREATE FUNCTION dlp_rule_json(r dlp_rules) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT r.id, r.workspace_id, r.name, r.kind, r.words, r.pattern, r.action, r.enabled, r.created_by, r.created_at, r.updated_at
    ) shape
$$;

CREATE FUNCTION held_message_json(h held_messages) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT h.id, h.workspace_id, h.chat_id, h.sender_id, h.message_id, h.rule_id, h.rule_name, h.action, h.content, h.status,
               h.handled_by, h.handled_at, h.created_at
    ) shape
$$;

-- Names and descriptions follow the rules too: of a workspace and what is in it, and of a person in all of their workspaces. The
-- trigger's arguments are the columns. What is not allowed is refused, also where a message would be flagged: nobody reviews a name.
CREATE FUNCTION judge_names() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    places bigint[];
    verdict dlp_verdict;
BEGIN
    IF NOT EXISTS (SELECT FROM dlp_screens) THEN
        RETURN NEW;
    END IF;
    places := CASE TG_TABLE_NAME WHEN 'users' THEN ARRAY(SELECT workspace_id FROM workspace_members WHERE user_id = NEW.id)
                                 WHEN 'workspaces' THEN ARRAY[NEW.id] ELSE ARRAY[(to_jsonb(NEW) ->> 'workspace_id')::bigint] END;
    SELECT judged.* INTO verdict FROM unnest(TG_ARGV) AS changed, unnest(places) AS place, dlp_judge(place, to_jsonb(NEW) ->> changed) AS judged
    WHERE judged.action IS NOT NULL AND to_jsonb(NEW) ->> changed <> ''
      AND (TG_OP = 'INSERT' OR to_jsonb(NEW) ->> changed IS DISTINCT FROM to_jsonb(OLD) ->> changed) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_blocked(verdict);
    END IF;
    RETURN NEW;
END
$$;
