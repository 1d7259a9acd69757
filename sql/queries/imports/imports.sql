-- name: import_lock()
-- Whether this session may import: no other one does.
SELECT pg_try_advisory_lock(hashtext('fechatter.import'));

-- name: import_begin()
-- Empties the tables that an archive is read into.
SELECT import_begin();

-- name: import_find(source, origin, workspace)
-- The import of an origin, before anything is changed; no row if there is none.
SELECT i.id, i.workspace_id, w.name, i.finished_at FROM imports i JOIN workspaces w ON w.id = i.workspace_id
WHERE source = :source AND origin = :origin AND CASE WHEN :workspace::bigint IS NULL THEN makes_workspace ELSE workspace_id = :workspace END;

-- name: import_workspaces(name)
-- The workspaces that an operator may mean: by id, or by name.
SELECT id, name FROM workspaces WHERE id::text = :name OR lower(name) = lower(:name) ORDER BY id::text = :name DESC, id LIMIT 2;

-- name: import_owner(who)
-- The account that an operator names: by address, @username or id.
SELECT ops.find_user(:who);

-- name: import_of(source, origin, workspace, name, description, made_at)
-- The import of an origin into a workspace, begun or gone on with.
SELECT id, workspace_id, makes_workspace FROM import_of(:source, :origin, :workspace, :name, :description, :made_at);

-- name: import_own(workspace, user)
-- Makes an account the owner of a new workspace.
INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (:workspace, :user, 'owner')
ON CONFLICT (workspace_id, user_id) DO NOTHING RETURNING user_id;

-- name: import_analyze()
-- The planner knows what has been read.
SELECT import_analyze();

-- name: import_doubles()
-- What is named twice and may not be: messages by id, people in a chat.
(SELECT 'message' AS what, external_id AS id, NULL AS of, min(line) AS line FROM import_messages GROUP BY external_id HAVING count(*) > 1 LIMIT 1)
UNION ALL
(SELECT 'member', p.external_id, c.external_id, max(m.line) FROM import_members m
 JOIN import_people p ON p.n = m.person JOIN import_chats c ON c.n = m.chat GROUP BY p.n, c.n HAVING count(*) > 1 LIMIT 1);

-- name: import_orphans(ordered)
-- Replies to what is no earlier message of their chat, in the archive: how many, and the first of them.
SELECT count(*) AS amount, min(m.external_id) AS id FROM import_messages m
WHERE m.reply_to IS NOT NULL AND NOT EXISTS (
    SELECT FROM import_messages p WHERE p.external_id = m.reply_to AND p.chat = m.chat AND (CASE WHEN :ordered THEN p.line < m.line ELSE (p.created_at, p.line) < (m.created_at, m.line) END));

-- name: import_people(import, matching, activate, amount)
-- Accounts and memberships for the next people of the archive; how many there were.
SELECT import_people(:import, :matching, :activate, :amount);

-- name: import_outcomes()
-- What became of the people: made, matched, known.
SELECT outcome, count(*) AS amount FROM import_people GROUP BY outcome;

-- name: import_matches(workspace, matching)
-- Whom addresses make somebody here, for a dry run.
SELECT count(*) FROM import_people p WHERE NOT p.bot AND import_match(p.email, :workspace, :matching) IS NOT NULL;

-- name: import_known_files(import)
-- Takes the files that an earlier import has brought; returns how many.
SELECT import_known_files(:import);

-- name: import_files_next(after, amount)
-- Files of the archive that are not here yet.
SELECT n, external_id, path, name, sha256 FROM import_files WHERE file_id IS NULL AND n > :after ORDER BY n LIMIT :amount;

-- name: import_file(import, n, sha256, size, type, name, begins_as, key, store, sealed_key)
-- Makes a file whose bytes are stored under this key.
SELECT import_file(:import, :n, :sha256, :size, :type, :name, :begins_as, :key, :store, :sealed_key);

-- name: import_pictures(import)
-- Pictures of new accounts, and custom emoji; returns how many of the latter.
SELECT import_pictures(:import);

-- name: import_emoji_lost(import)
-- Emoji of the archive that the workspace does not have: their names are those of standard ones, their pictures none or too large.
SELECT e.name FROM import_emoji e CROSS JOIN imports i
WHERE i.id = :import AND NOT EXISTS (SELECT FROM custom_emoji o WHERE o.workspace_id = i.workspace_id AND o.name = e.name) ORDER BY e.name;

-- name: import_place(import, ordered)
-- Ids, threads, reactions and followers of all that is new.
SELECT import_place(:import, :ordered), import_thread(:import), import_react(), import_follow();

-- name: import_fresh()
-- How many messages of the archive are not here yet.
SELECT count(*) FROM import_placed WHERE fresh;

-- name: import_chats_next(after, amount)
-- Chats of the archive, and how many messages each has to bring.
SELECT c.n, c.external_id, c.name, (SELECT count(*) FROM import_placed p WHERE p.chat = c.n AND p.fresh) AS fresh
FROM import_chats c WHERE c.n > :after ORDER BY c.n LIMIT :amount;

-- name: import_chat(import, chat, adds_people)
-- Makes a chat of the archive, or adds to it.
SELECT chat, how, messages, kept_out FROM import_chat(:import, :chat, :adds_people);

-- name: import_end(import, people, chats, messages, files)
-- Ends the import, in the audit log too.
SELECT import_end(:import, :people, :chats, :messages, :files);
