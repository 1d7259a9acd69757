-- What an operator does in psql. Not for the servers: their roles may not even look into this schema.
-- Each file drops its own objects before it makes them, since a view's columns and a function's result cannot be
-- replaced; so none may be built upon one of another file (calls from a function's body are fine).

CREATE SCHEMA IF NOT EXISTS ops;
COMMENT ON SCHEMA ops IS 'What an operator does in psql: SELECT * FROM ops.help;';

DROP VIEW IF EXISTS ops.help;
CREATE VIEW ops.help AS
SELECT format('SELECT * FROM ops.%s', relname) AS what, obj_description(oid, 'pg_class') AS does
FROM pg_class WHERE relnamespace = 'ops'::regnamespace AND relkind = 'v' AND relname <> 'help'
UNION ALL
SELECT format('SELECT * FROM ops.%s(%s)', proname, regexp_replace(pg_get_function_arguments(oid), '(, )?OUT .*', '')),
       obj_description(oid, 'pg_proc')
FROM pg_proc WHERE pronamespace = 'ops'::regnamespace
ORDER BY what;
COMMENT ON VIEW ops.help IS 'What there is in this schema, and what it does.';
