-- The names that are offered while somebody types one.

-- Whether a name may begin so, both bare: a user name, or a word of a full name. Names in Han letters, kana or hangul
-- have no spaces between words, so any part of them will do.
CREATE FUNCTION name_begins(folded text, username text, fullname text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT starts_with(bare_name(username), folded)
        OR position(' ' || folded IN ' ' || translate(bare_name(fullname), '-(''"', '    ')) > 0
        OR folded ~ '[\u2E80-\u9FFF\uAC00-\uD7AF\uF900-\uFAFF\U00020000-\U0003FFFF]' AND position(folded IN bare_name(fullname)) > 0
$$;

-- The active members of a chat whose names begin so, as user ids: those who sent one of its newest 500 messages first,
-- newest first. In chats of more than 2,000 members: those, and the members among at most 1,000 people whom the
-- trigram index finds by the beginnings of their names.
CREATE FUNCTION chat_members_named(chat bigint, name text, most integer) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    folded CONSTANT text := bare_name(name);
    pattern CONSTANT text := regexp_replace(folded, '([\\%_])', '\\\1', 'g') || '%';
    candidates bigint[];
BEGIN
    IF (SELECT member_count <= 2000 FROM chats WHERE id = chat) THEN
        candidates := ARRAY(SELECT user_id FROM chat_members WHERE chat_id = chat);
    ELSE
        candidates := ARRAY(SELECT id FROM users WHERE bare_name(username) LIKE pattern OR bare_name(fullname) LIKE pattern
                                OR bare_name(fullname) LIKE '% ' || pattern LIMIT 1000)
                   || ARRAY(SELECT sender_id FROM (SELECT sender_id FROM messages WHERE chat_id = chat ORDER BY seq DESC LIMIT 500) newest);
    END IF;
    RETURN QUERY
        SELECT u.id FROM (SELECT DISTINCT unnest(candidates) AS id) candidate
        JOIN chat_members m ON m.chat_id = chat AND m.user_id = candidate.id
        JOIN users u ON u.id = candidate.id
        LEFT JOIN (SELECT sender_id, max(seq) AS last FROM (SELECT sender_id, seq FROM messages WHERE chat_id = chat ORDER BY seq DESC LIMIT 500) newest
                   GROUP BY sender_id) posted ON posted.sender_id = u.id
        WHERE u.status = 'active' AND name_begins(folded, u.username, u.fullname)
        ORDER BY posted.last DESC NULLS LAST, bare_name(u.fullname), u.id LIMIT most;
END
$$;
