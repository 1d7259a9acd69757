-- Code of before lets go of what a hold has kept at its release, and never afterwards. So it refuses while a released hold still
-- keeps something.
DO $$
DECLARE
    kept bigint[] := ARRAY(SELECT id FROM holds WHERE released_at IS NOT NULL AND let_go_at IS NULL ORDER BY id);
BEGIN
    IF kept <> '{}' THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('%s released holds still keep what they have kept, which code of before would keep for good: %s%s',
                             cardinality(kept), array_to_string(kept[:10], ', '), CASE WHEN cardinality(kept) > 10 THEN ', …' ELSE '' END),
            HINT = 'A week after its release a hold lets go: wait for that, with this version running.';
    END IF;
END
$$;
ALTER TABLE holds DROP COLUMN let_go_at;
