-- name: triggers_off(tables, triggers)
-- Which of these triggers, given as two lists in step, do not fire.
SELECT expected.on_table, expected.name
FROM unnest(:tables::text[], :triggers::text[]) expected (on_table, name)
JOIN pg_trigger found ON found.tgrelid = to_regclass(expected.on_table) AND found.tgname = expected.name
WHERE found.tgenabled NOT IN ('O', 'A')
ORDER BY expected.on_table, expected.name;

-- name: replication_role()
-- Anything but 'origin' (set for the database or a role) keeps triggers from firing.
SELECT current_setting('session_replication_role');

-- name: database_time()
-- The database's clock, in seconds since 1970.
SELECT extract(epoch FROM clock_timestamp())::float8;

-- name: connections_for_servers()
-- How many connections PostgreSQL takes, without those it keeps for superusers and (since 16) for a role of its own.
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0);

-- name: everybody_may_connect()
-- Whether roles may connect to this database to which nothing has been granted.
SELECT has_database_privilege('public', current_database(), 'CONNECT');

-- name: encoding()
-- The database's encoding: text is stored as it came only in UTF8.
SELECT current_setting('server_encoding');

-- name: letters_of_trigrams()
-- Whether pg_trgm takes a character of Chinese for a letter: it asks the database's LC_CTYPE.
SELECT cardinality(show_trgm('上海')) > 0;

-- name: write_something()
-- A megabyte of a table that goes with the transaction: it fails where the disk is full, or nothing may be written.
CREATE TEMPORARY TABLE doctors_probe ON COMMIT DROP AS SELECT repeat(md5(n::text), 32) FROM generate_series(1, 1000) n;

-- name: all_boards()
-- Every board, deleted ones too: they may be restored.
SELECT id FROM documents WHERE kind = 'board' ORDER BY id;

-- name: updates_of_snapshot(board)
-- The updates that a board's snapshot was made of, if all of them are kept; none otherwise.
SELECT u.data FROM board_updates u JOIN board_snapshots s USING (board_id)
WHERE board_id = :board AND u.seq <= s.seq AND (SELECT can_be_made_anew FROM ops.check_board(:board)) ORDER BY u.seq;

-- name: versions_of_board(board)
-- Without their states, which are large.
SELECT id FROM document_versions WHERE document_id = :board ORDER BY id;

-- name: state_of_version(version)
-- All that a version has, as one update.
SELECT state FROM document_versions WHERE id = :version;

-- name: missing_workspaces(ids)
-- Which of these workspaces do not exist.
SELECT id FROM unnest(:ids::bigint[]) AS named (id) WHERE NOT EXISTS (SELECT FROM workspaces w WHERE w.id = named.id);

-- name: missing_groups(ids)
-- Which of these groups of organisations do not exist.
SELECT id FROM unnest(:ids::bigint[]) AS named (id) WHERE NOT EXISTS (SELECT FROM groups g WHERE g.id = named.id);

-- name: missing_departments(ids)
-- Which of these departments do not exist.
SELECT id FROM unnest(:ids::bigint[]) AS named (id) WHERE NOT EXISTS (SELECT FROM departments d WHERE d.id = named.id);

-- name: stopped_synchronisations()
-- Directories whose synchronisation is stopped, since too many would lose something, and the workspaces where they have granted
-- memberships.
SELECT source, had, going,
       ARRAY(SELECT DISTINCT g.workspace_id FROM membership_grants g WHERE g.source = s.source ORDER BY 1) AS workspaces
FROM synchronisations s WHERE stopped_at IS NOT NULL ORDER BY source;

-- name: pages_behind(patches, seconds)
-- Pages whose snapshot lacks more than `patches` patches, or one that is older than `seconds`: those with most of them first.
SELECT d.id, d.last_seq - s.version AS patches FROM page_snapshots s JOIN documents d ON d.id = s.page_id
WHERE d.last_seq > s.version AND d.deleted_at IS NULL
  AND (d.last_seq - s.version > :patches OR EXISTS (
      SELECT FROM page_ops o WHERE o.page_id = d.id AND o.version = s.version + 1
      AND o.created_at < now() - :seconds::float8 * interval '1 second'))
ORDER BY patches DESC, d.id LIMIT 1000;
