-- The servers' roles. Plain SQL, run by a superuser, once, with grants.sql after it:
--
--   fechatter migrate up && fechatter migrate roles
--
-- No password is set here, so nobody can sign in by one yet; give each role its own with `\password fechatter_chat`
-- in psql, which keeps it out of the history and the log (`fechatter migrate roles` has passwords.sql for that).

DO $$
BEGIN
    IF to_regrole('fechatter_chat') IS NULL THEN
        CREATE ROLE fechatter_chat LOGIN;
    END IF;
    IF to_regrole('fechatter_notify') IS NULL THEN
        CREATE ROLE fechatter_notify LOGIN;
    END IF;
    IF to_regrole('fechatter_delivery') IS NULL THEN
        CREATE ROLE fechatter_delivery LOGIN;
    END IF;
    -- Every role that may connect can NOTIFY on any channel, and no grant prevents that: it could forge typing.
    EXECUTE format('REVOKE CONNECT, CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO fechatter_chat, fechatter_notify, fechatter_delivery', current_database());
    -- Functions are public by default: ours are not, nor are those of later migrations.
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON ROUTINES FROM PUBLIC',
                   (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'events'::regclass));
END
$$;
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
