-- Who may connect. Whoever may can NOTIFY, on whatever channel, and no grant keeps them from that: they would forge who is
-- typing, and wake the servers for nothing. PostgreSQL lets everybody connect unless it is told otherwise.

-- Keeps out roles that nothing here has been granted to, where that is ours to say: it is the database's owner's.
CREATE FUNCTION close_to_strangers() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    role oid;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(datdba, 'USAGE')) THEN
        RETURN;
    END IF;
    FOR role IN
        SELECT DISTINCT grantee FROM pg_class CROSS JOIN LATERAL aclexplode(relacl)
        WHERE relnamespace = 'public'::regnamespace AND grantee <> 0
    LOOP
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), pg_get_userbyid(role));
    END LOOP;
    EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
