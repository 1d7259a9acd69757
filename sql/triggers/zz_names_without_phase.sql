-- Triggers had names without a phase. Those that have one now go by their old name.
DO $$
DECLARE
    old record;
BEGIN
    FOR old IN
        SELECT before.tgname AS name, before.tgrelid::regclass AS of_table
        FROM pg_trigger before JOIN pg_trigger now USING (tgrelid, tgfoid)
        WHERE now.tgname ~ '^p\d\d_' AND substr(now.tgname, 5) = before.tgname AND before.tgparentid = 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', old.name, old.of_table);
    END LOOP;
END
$$;
