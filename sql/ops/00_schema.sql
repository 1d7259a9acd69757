-- What an operator does in psql. Not for the servers: their roles may not even look into this schema.

CREATE SCHEMA IF NOT EXISTS ops;
COMMENT ON SCHEMA ops IS 'What an operator does in psql: SELECT * FROM ops.help;';

-- The last line of a comment is the name of the object's file, and says nothing to an operator.
CREATE VIEW ops.help AS
SELECT what, regexp_replace(comment, '\n?sql/\S+$', '') AS does
FROM (SELECT format('SELECT * FROM ops.%s', relname) AS what, obj_description(oid, 'pg_class') AS comment
      FROM pg_class WHERE relnamespace = 'ops'::regnamespace AND relkind = 'v' AND relname <> 'help'
      UNION ALL
      SELECT format('SELECT * FROM ops.%s(%s)', proname, regexp_replace(pg_get_function_arguments(oid), '(, )?OUT .*', '')),
             obj_description(oid, 'pg_proc')
      FROM pg_proc WHERE pronamespace = 'ops'::regnamespace) listed
ORDER BY what;
COMMENT ON VIEW ops.help IS 'What there is in this schema, and what it does.';
