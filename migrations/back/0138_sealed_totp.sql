-- Code of before cannot open what is sealed, and these people would be left with codes that nobody takes. So it refuses,
-- rather than to delete second factors.
DO $$
DECLARE
    people bigint[] := ARRAY(SELECT user_id FROM totp_factors WHERE sealed_by IS NOT NULL ORDER BY user_id);
BEGIN
    IF people <> '{}' THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('%s users have authenticator apps whose secrets are sealed, which code of before cannot open: %s%s',
                             cardinality(people), array_to_string(people[:10], ', '), CASE WHEN cardinality(people) > 10 THEN ', …' ELSE '' END),
            HINT = 'Keep this version, or remove their apps first: DELETE FROM totp_factors WHERE sealed_by IS NOT NULL;';
    END IF;
END
$$;
ALTER TABLE totp_factors DROP COLUMN sealed_by;
