-- Rules about what may be said (DLP): how a pattern is admitted, what a rule finds, and what comes of it (ADR 77).

-- How many rules a workspace may have, and how much a pattern may match: each atom of it, as often as it is repeated.
CREATE FUNCTION dlp_rules_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 50';
CREATE FUNCTION dlp_pattern_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 256';

CREATE FUNCTION refuse_pattern(why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'dlp_pattern_is_bounded', MESSAGE = format('the pattern is refused: %s', why);
END
$$;

-- A pattern as PostgreSQL searches it. Only what is found in linear time is admitted: characters, classes, groups,
-- alternatives, word boundaries, and repetitions that end. Neither * nor +, no back references, no look-around.
CREATE FUNCTION dlp_expression(pattern text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    most CONSTANT integer := dlp_pattern_most();
    rest text := pattern;
    token text;
    made text := '';
    sizes integer[] := '{0}';  -- of each group that is open
    atom integer;  -- the size of what a repetition would repeat
    times integer;
BEGIN
    WHILE rest <> '' LOOP
        token := substring(rest FROM $re$^(?:\\[dwsDWSb]|\\[^[:alnum:]]|\[\^?(?:\\[dws]|\\[^[:alnum:]]|[^]\[\\])+\]|\((?:\?:)?|[)|?]|\{\d{1,3}(?:,\d{1,3})?\}|[^\\^$.|?*+()\[\]{}]|\.)$re$);
        IF token IS NULL THEN
            PERFORM refuse_pattern(format('what stands at %L is not admitted', left(rest, 10)));
        END IF;
        rest := substr(rest, length(token) + 1);
        CASE
            WHEN token IN ('(', '(?:') THEN
                sizes := sizes || 0;
                atom := NULL;
                token := '(?:';
            WHEN token = ')' THEN
                IF cardinality(sizes) = 1 THEN
                    PERFORM refuse_pattern('a ) closes nothing');
                END IF;
                atom := sizes[cardinality(sizes)];
                sizes := sizes[: cardinality(sizes) - 1];
                sizes[cardinality(sizes)] := sizes[cardinality(sizes)] + atom;
            WHEN token = '|' THEN
                atom := NULL;
            WHEN token = '?' OR token LIKE '{%' THEN
                IF atom IS NULL THEN
                    PERFORM refuse_pattern(format('%s repeats nothing', token));
                END IF;
                times := CASE token WHEN '?' THEN 1 ELSE coalesce(substring(token FROM ',(\d+)'), substring(token FROM '\d+'))::integer END;
                IF times NOT BETWEEN 1 AND most THEN
                    PERFORM refuse_pattern(format('%s is not within 1 to %s', token, most));
                END IF;
                sizes[cardinality(sizes)] := sizes[cardinality(sizes)] + atom * (times - 1);
                atom := NULL;
            WHEN token = '\b' THEN
                token := '\y';
                atom := NULL;
            ELSE
                atom := 1;
                sizes[cardinality(sizes)] := sizes[cardinality(sizes)] + 1;
        END CASE;
        IF sizes[cardinality(sizes)] > most THEN
            PERFORM refuse_pattern(format('it matches more than %s characters', most));
        END IF;
        made := made || token;
    END LOOP;
    IF cardinality(sizes) > 1 THEN
        PERFORM refuse_pattern('a ( is not closed');
    END IF;
    BEGIN
        IF EXISTS (SELECT FROM unnest(ARRAY['', 'a', 'q', '7', '中']) AS said WHERE (regexp_match(said, '(' || made || ')', 'i'))[1] = '') THEN
            PERFORM refuse_pattern('it finds nothing at all, and so everything');
        END IF;
    EXCEPTION WHEN invalid_regular_expression THEN
        PERFORM refuse_pattern(SQLERRM);
    END;
    RETURN made;
END
$$;

-- Words as PostgreSQL searches them. One that begins or ends with a Latin letter or digit is not found within a longer one.
CREATE FUNCTION dlp_words_expression(words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(CASE WHEN word ~ '^[A-Za-z0-9]' THEN '(?<![A-Za-z0-9])' ELSE '' END || regexp_replace(word, '([^[:alnum:][:space:]])', '\\\1', 'g')
                      || CASE WHEN word ~ '[A-Za-z0-9]$' THEN '(?![A-Za-z0-9])' ELSE '' END, '|' ORDER BY place)
    FROM unnest(words) WITH ORDINALITY AS listed (word, place)
$$;

-- What is said, as it is searched: in one form of each character (full-width digits are digits), without invisible ones.
CREATE FUNCTION dlp_plain(said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN octet_length(said) = length(said) THEN said
           ELSE translate(normalize(said, NFKC), U&'\00AD\034F\180E\200B\200C\200D\200E\200F\2060\2061\2062\2063\2064\FEFF', '') END
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

-- The card numbers in a text, as digits. Their groups may be apart by a space, a dot or a dash.
CREATE FUNCTION card_numbers(said text) RETURNS SETOF text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    run text;
    parts text[];
    digits text;
BEGIN
    FOR run IN SELECT hit[1] FROM regexp_matches(said, '(\d(?:[ .-]?\d){12,})', 'g') AS hit LOOP
        parts := regexp_split_to_array(run, '[ .-]');
        digits := array_to_string(parts, '');
        IF length(digits) <= 19 AND is_card_number(digits) THEN
            RETURN NEXT digits;
            CONTINUE;
        END IF;
        -- Other digits may stand beside it: it begins and ends with a group, and has at most seven.
        FOR begins IN 1 .. cardinality(parts) LOOP
            digits := '';
            FOR ends IN begins .. least(cardinality(parts), begins + 6) LOOP
                digits := digits || parts[ends];
                EXIT WHEN length(digits) > 19;
                IF length(digits) >= 13 AND is_card_number(digits) THEN
                    RETURN NEXT digits;
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
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
CREATE FUNCTION resident_ids(said text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT found[1] FROM regexp_matches(said, '(?<![0-9])([1-9]\d{16}[\dXx])(?![0-9A-Za-z])', 'g') AS found
    WHERE is_resident_id(upper(found[1]))
$$;

-- Whether a rule finds something in a text (of dlp_plain).
CREATE FUNCTION dlp_finds(rule dlp_rules, plain text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE rule.kind WHEN 'card_number' THEN EXISTS (SELECT FROM card_numbers(plain))
                          WHEN 'resident_id' THEN EXISTS (SELECT FROM resident_ids(plain))
                          ELSE plain ~* rule.expression END
$$;

-- The text without what the rule finds.
CREATE FUNCTION dlp_redacted(rule dlp_rules, plain text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    digits text;
BEGIN
    IF rule.expression IS NOT NULL THEN
        RETURN regexp_replace(plain, rule.expression, '█████', 'gi');
    END IF;
    FOR digits IN SELECT card_numbers(plain) WHERE rule.kind = 'card_number' UNION ALL SELECT resident_ids(plain) WHERE rule.kind = 'resident_id' LOOP
        plain := regexp_replace(plain, array_to_string(regexp_split_to_array(digits, ''), '[ .-]?'), '█████', 'g');
    END LOOP;
    RETURN plain;
END
$$;

-- What the rules of a workspace say: the strictest action, with the first rule that asks for it, and what may be said instead.
CREATE TYPE dlp_verdict AS (action text, rule_id bigint, rule_name text, content text);

-- The verdict on what is said in a workspace; null if no rule finds anything, or the feature is off. What metadata says cannot
-- be redacted, so it is blocked.
CREATE FUNCTION dlp_judge(workspace bigint, said text, metadata jsonb DEFAULT NULL) RETURNS dlp_verdict LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    screen dlp_screens;
    plain text;
    beside text;
    verdict dlp_verdict;
    rule dlp_rules;
BEGIN
    SELECT * INTO screen FROM dlp_screens WHERE workspace_id = workspace;
    IF NOT FOUND OR NOT feature_enabled('enable_advanced_admin', (SELECT organization_id FROM workspaces WHERE id = workspace)) THEN
        RETURN NULL;
    END IF;
    plain := dlp_plain(said);
    beside := dlp_plain(metadata::text);
    IF NOT (dlp_may_find(screen, plain) OR beside IS NOT NULL AND dlp_may_find(screen, beside)) THEN
        RETURN NULL;
    END IF;
    FOR rule IN SELECT * FROM dlp_rules WHERE workspace_id = workspace AND enabled
                ORDER BY array_position(ARRAY['block', 'redact', 'flag'], action), id LOOP
        IF beside IS NOT NULL AND dlp_finds(rule, beside) AND rule.action <> 'flag' THEN
            verdict := ('block', rule.id, rule.name, said);
            RETURN verdict;
        END IF;
        CONTINUE WHEN NOT (dlp_finds(rule, plain) OR beside IS NOT NULL AND dlp_finds(rule, beside));
        IF rule.action = 'redact' THEN
            plain := dlp_redacted(rule, plain);
            verdict.content := plain;
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
