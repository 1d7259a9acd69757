-- name: objects()
-- What sql/ has made in this database, as its comment says: the kind and the name of each, as SQL writes them.
SELECT type, identity
FROM pg_description CROSS JOIN LATERAL pg_identify_object(classoid, objoid, 0)
WHERE objsubid = 0 AND classoid IN ('pg_proc'::regclass, 'pg_trigger'::regclass, 'pg_class'::regclass, 'pg_type'::regclass)
  AND E'\n' || description LIKE E'%\nsql/%.sql'
ORDER BY type, identity;

-- name: made_now()
-- What this transaction has made: the kind, the name and the comment of each.
SELECT type, identity, description AS comment
FROM (SELECT 'pg_proc'::regclass AS class, oid FROM pg_proc WHERE xmin = pg_current_xact_id()::xid
      UNION ALL
      SELECT 'pg_trigger'::regclass, oid FROM pg_trigger
      WHERE xmin = pg_current_xact_id()::xid AND NOT tgisinternal AND tgparentid = 0
      UNION ALL
      SELECT 'pg_class'::regclass, oid FROM pg_class WHERE xmin = pg_current_xact_id()::xid AND relkind = 'v'
      UNION ALL
      SELECT 'pg_type'::regclass, reltype FROM pg_class WHERE xmin = pg_current_xact_id()::xid AND relkind = 'c') made
CROSS JOIN LATERAL pg_identify_object(class, oid, 0)
LEFT JOIN pg_description ON classoid = class AND objoid = oid AND objsubid = 0;

-- name: granted_by_hand()
-- What has been granted by hand on what sql/ has made, and the statements that do so again.
WITH marked AS MATERIALIZED (
    SELECT classoid, objoid FROM pg_description WHERE objsubid = 0 AND E'\n' || description LIKE E'%\nsql/%.sql'
), granted AS (
    SELECT classoid, oid, proowner AS owner, proacl AS acl FROM marked JOIN pg_proc ON oid = objoid
    WHERE classoid = 'pg_proc'::regclass AND proacl IS NOT NULL
    UNION ALL
    SELECT classoid, oid, relowner, relacl FROM marked JOIN pg_class ON oid = objoid
    WHERE classoid = 'pg_class'::regclass AND relacl IS NOT NULL
)
SELECT type, identity, format('REVOKE ALL ON %s %s FROM PUBLIC; ', on_kind, identity) || coalesce(string_agg(
           format('GRANT %s ON %s %s TO %s%s', privilege_type, on_kind, identity,
                  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
                  CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), '; ') FILTER (WHERE privilege_type IS NOT NULL),
           '') AS statements
FROM granted
CROSS JOIN LATERAL pg_identify_object(classoid, oid, 0)
CROSS JOIN LATERAL (SELECT CASE type WHEN 'view' THEN 'TABLE' ELSE 'ROUTINE' END AS on_kind) kind
LEFT JOIN LATERAL aclexplode(acl)
    ON grantee <> owner AND pg_get_userbyid(grantee) NOT IN ('fechatter_chat', 'fechatter_notify', 'fechatter_delivery')
GROUP BY type, identity, on_kind;

-- name: closing()
-- The statements that keep what this transaction has made from PUBLIC. The default privileges that roles.sql sets do not
-- cover what another owner makes.
SELECT string_agg(format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', oid::regprocedure), '; ')
FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND xmin = pg_current_xact_id()::xid;

-- name: given_to_servers()
-- Whether `fechatter migrate roles` has given the servers' roles their rights in this database.
SELECT EXISTS (SELECT FROM pg_class CROSS JOIN LATERAL aclexplode(relacl)
               WHERE relname = 'users' AND relnamespace = 'public'::regnamespace
                 AND pg_get_userbyid(grantee) IN ('fechatter_chat', 'fechatter_notify'))
       AND to_regrole('fechatter_chat') IS NOT NULL AND to_regrole('fechatter_notify') IS NOT NULL;

-- name: tables_to_lock(more)
-- The tables whose triggers are ours, and those of these names that there are, as SQL writes them; null where there is none.
SELECT string_agg(of_table::text, ', ' ORDER BY of_table::text)
FROM (SELECT tgrelid::regclass AS of_table
      FROM pg_trigger JOIN pg_description ON classoid = 'pg_trigger'::regclass AND objoid = pg_trigger.oid
      WHERE E'\n' || description LIKE E'%\nsql/%.sql'
      UNION SELECT oid::regclass FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname = ANY (:more::text[])) tables;

-- name: ops_is_empty()
-- Whether nobody has anything in the schema ops.
SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('ops')
                   UNION ALL SELECT FROM pg_proc WHERE pronamespace = to_regnamespace('ops')
                   UNION ALL SELECT FROM pg_type WHERE typnamespace = to_regnamespace('ops'));
