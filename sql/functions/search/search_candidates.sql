-- The newest `amount` messages of some chats, below an id, that the index has for a query (all of them if that is null),
-- in one of four ways, since PostgreSQL's own choice among five million messages was wrong by a factor of a thousand
-- (docs/adr/0037-search-in-postgres.md):
--   rare  reads all rows that the query has, and drops those of other chats
--   few   reads those of the chats alone, of which there are few
--   near  reads the messages of the chats from the newest on, among the newest `walked` of all
--   walk  reads all messages from the newest on, `walked` at most, since the query will soon have found enough
-- If it stops before it has looked at everything, its last row is the id below which it has not.
CREATE FUNCTION search_candidates(
    plan text, walked integer, query tsquery, chats bigint[], below bigint, since timestamptz, until timestamptz,
    pinned boolean, amount integer
) RETURNS TABLE (message_id bigint, is_cut boolean) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    found bigint[];
    lowest bigint;
BEGIN
    IF pinned THEN
        found := ARRAY(
            SELECT pin.message_id FROM message_pins pin
            WHERE pin.chat_id = ANY (chats) AND pin.message_id < below ORDER BY pin.message_id DESC LIMIT amount);
    ELSIF plan = 'walk' THEN
        found := ARRAY(
            SELECT d.message_id FROM (
                SELECT * FROM search_documents WHERE search_documents.message_id < below
                ORDER BY search_documents.message_id DESC LIMIT walked
            ) d
            WHERE (d.chat_id IN (SELECT unnest(chats))) IS TRUE  -- no join, which would sort
              AND (query IS NULL OR d.tsv @@ query)
              AND (since IS NULL OR d.created_at >= since) AND (until IS NULL OR d.created_at < until)
            ORDER BY d.message_id DESC LIMIT amount);
    ELSIF plan = 'near' THEN
        lowest := least(below, (SELECT max(d.message_id) + 1 FROM search_documents d)) - walked;
        found := ARRAY(
            SELECT near.message_id FROM unnest(chats) AS chat CROSS JOIN LATERAL (
                SELECT d.message_id FROM search_documents d
                WHERE d.chat_id = chat AND d.message_id < below AND d.message_id >= lowest AND (d.tsv @@ query) IS TRUE
                  AND (since IS NULL OR d.created_at >= since) AND (until IS NULL OR d.created_at < until)
                ORDER BY d.message_id DESC LIMIT amount
            ) near
            ORDER BY near.message_id DESC LIMIT amount);
    ELSIF plan = 'few' THEN
        found := ARRAY(
            WITH hit AS MATERIALIZED (
                SELECT d.message_id, d.created_at FROM search_documents d WHERE d.tsv @@ query AND d.chat_id = ANY (chats)
            )
            SELECT hit.message_id FROM hit
            WHERE hit.message_id < below
              AND (since IS NULL OR hit.created_at >= since) AND (until IS NULL OR hit.created_at < until)
            ORDER BY hit.message_id DESC LIMIT amount);
    ELSE
        found := ARRAY(
            WITH hit AS MATERIALIZED (
                SELECT d.message_id, d.chat_id, d.created_at FROM search_documents d WHERE d.tsv @@ query
            )
            SELECT hit.message_id FROM hit
            WHERE hit.chat_id IN (SELECT unnest(chats)) AND hit.message_id < below
              AND (since IS NULL OR hit.created_at >= since) AND (until IS NULL OR hit.created_at < until)
            ORDER BY hit.message_id DESC LIMIT amount);
    END IF;
    RETURN QUERY SELECT one, false FROM unnest(found) AS one;
    IF cardinality(found) = amount THEN
        RETURN QUERY SELECT found[amount], true;
    ELSIF plan = 'near' AND NOT pinned AND lowest > 1 THEN
        RETURN QUERY SELECT lowest, true;
    ELSIF plan = 'walk' AND NOT pinned THEN
        RETURN QUERY SELECT d.message_id, true FROM search_documents d
                     WHERE d.message_id < below ORDER BY d.message_id DESC OFFSET walked - 1 LIMIT 1;
    END IF;
END
$$;

-- Words that have many trigrams in common with this one, the most alike first. The functions of pg_trgm are the owner's.
CREATE FUNCTION search_similar_tokens(word text, amount integer) RETURNS TABLE (token text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
    SELECT token FROM search_tokens
    WHERE token % word AND length(token) >= 4 AND strpos(token, ':') = 0
    ORDER BY similarity(token, word) DESC, token LIMIT amount
$$;
