-- The people in whose full or user names the longest of these words is, by the trigram index; null if there are more than
-- a thousand, or if it is too short for trigrams.
CREATE FUNCTION few_people_named(words text[]) RETURNS bigint[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off AS $$
DECLARE
    longest text := (SELECT fold_name(word) FROM unnest(words) AS word ORDER BY length(fold_name(word)) DESC LIMIT 1);
    pattern text := '%' || regexp_replace(longest, '([\\%_])', '\\\1', 'g') || '%';
BEGIN
    RETURN CASE WHEN length(longest) >= 3 THEN
        (SELECT CASE WHEN count(*) <= 1000 THEN coalesce(array_agg(id), '{}') END
         FROM (SELECT id FROM users WHERE fold_name(fullname) LIKE pattern OR fold_name(username) LIKE pattern
               LIMIT 1001) found) END;
END
$$;
