-- Who may connect. Every role that may can NOTIFY on any channel, and no grant prevents that: it could forge typing,
-- and wake the servers for nothing. By default PostgreSQL lets every role connect.

-- Excludes roles without any grant here, if we may decide that: only the database's owner can.
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
