-- migrate:up

-- A board is a document of the kind board: members, invites, thumbnails, versions and deletion are a document's, and pages
-- will have them too. What is on a board stays apart: board_updates, board_snapshots, board_quarantine.

ALTER TABLE boards RENAME TO documents;
ALTER TABLE board_members RENAME TO document_members;
ALTER TABLE document_members RENAME COLUMN board_id TO document_id;
ALTER TABLE board_thumbnails RENAME TO document_thumbnails;
ALTER TABLE document_thumbnails RENAME COLUMN board_id TO document_id;
ALTER TABLE board_versions RENAME TO document_versions;
ALTER TABLE document_versions RENAME COLUMN board_id TO document_id;
ALTER TABLE board_presence RENAME TO document_presence;
ALTER TABLE document_presence RENAME COLUMN board_id TO document_id;
ALTER TABLE invites RENAME COLUMN board_id TO document_id;
ALTER TABLE log_pending RENAME COLUMN board_id TO document_id;
ALTER SEQUENCE boards_id_seq RENAME TO documents_id_seq;
ALTER SEQUENCE board_versions_id_seq RENAME TO document_versions_id_seq;
ALTER SEQUENCE board_openings RENAME TO document_openings;

-- With their constraints, those of PostgreSQL 18 that are NOT NULL too, and their indexes.
DO $$
DECLARE
    tables CONSTANT regclass[] := '{documents,document_members,document_thumbnails,document_versions,document_presence,invites}';
    of_table regclass;
    old name;
BEGIN
    FOR of_table, old IN SELECT conrelid, conname FROM pg_constraint WHERE conrelid = ANY (tables) AND conname ~ 'board' LOOP
        EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', of_table, old, replace(old, 'board', 'document'));
    END LOOP;
    FOR old IN
        SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = ANY (tables) AND relname ~ 'board'
    LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', old, replace(old, 'board', 'document'));
    END LOOP;
END
$$;

-- Which kind of document. A member repeats it, as it does the workspace: when a document is gone its members are told of what.
ALTER TABLE documents ADD COLUMN kind text NOT NULL DEFAULT 'board';
ALTER TABLE documents
    ALTER COLUMN kind DROP DEFAULT,
    ADD CONSTRAINT documents_kind_known CHECK (kind IN ('board')),
    ADD CONSTRAINT documents_id_kind_workspace_id_key UNIQUE (id, kind, workspace_id);
ALTER TABLE document_members ADD COLUMN kind text NOT NULL DEFAULT 'board';
ALTER TABLE document_members
    ALTER COLUMN kind DROP DEFAULT,
    DROP CONSTRAINT document_members_document_fkey,
    ADD CONSTRAINT document_members_document_fkey FOREIGN KEY (document_id, kind, workspace_id)
        REFERENCES documents (id, kind, workspace_id) ON DELETE CASCADE;
ALTER TABLE documents DROP CONSTRAINT documents_id_workspace_id_key;

-- The audience document, in place of board: the members of document_id. Kinds and payloads of events stay, and so do cursors.
ALTER TABLE events RENAME COLUMN board_id TO document_id;
ALTER TABLE events DROP CONSTRAINT events_audience_known;
UPDATE events SET audience = 'document' WHERE audience = 'board';
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'document' THEN document_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'contacts' THEN user_id IS NOT NULL AND workspace_ids IS NOT NULL
        WHEN 'admins' THEN num_nonnulls(chat_id, document_id, workspace_ids) = 1
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);

-- The audit log outlives its documents, so it says which kind each was of.
ALTER TABLE audit_log RENAME COLUMN board_id TO document_id;
ALTER TABLE audit_log ADD COLUMN document_kind text;
DO $$
DECLARE
    guard name;
BEGIN
    -- Whatever its name: on a new database it is not there yet.
    SELECT tgname INTO guard FROM pg_trigger
    WHERE tgrelid = 'audit_log'::regclass AND tgfoid = to_regproc('refuse_audit_change') AND tgtype & 16 > 0;  -- UPDATE
    IF FOUND THEN
        EXECUTE format('ALTER TABLE audit_log DISABLE TRIGGER %I', guard);
    END IF;
    UPDATE audit_log SET document_kind = 'board' WHERE document_id IS NOT NULL;
    IF guard IS NOT NULL THEN
        EXECUTE format('ALTER TABLE audit_log ENABLE ALWAYS TRIGGER %I', guard);
    END IF;
END
$$;
ALTER TABLE audit_log ADD CONSTRAINT audit_log_document CHECK (num_nulls(document_id, document_kind) IN (0, 2));

-- migrate:down
ALTER TABLE audit_log DROP COLUMN document_kind;
ALTER TABLE audit_log RENAME COLUMN document_id TO board_id;

ALTER TABLE events DROP CONSTRAINT events_audience_known;
ALTER TABLE events RENAME COLUMN document_id TO board_id;
UPDATE events SET audience = 'board' WHERE audience = 'document';
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'board' THEN board_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'contacts' THEN user_id IS NOT NULL AND workspace_ids IS NOT NULL
        WHEN 'admins' THEN num_nonnulls(chat_id, board_id, workspace_ids) = 1
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);

ALTER TABLE documents ADD CONSTRAINT documents_id_workspace_id_key UNIQUE (id, workspace_id);
ALTER TABLE document_members
    DROP CONSTRAINT document_members_document_fkey,
    DROP COLUMN kind,
    ADD CONSTRAINT document_members_document_fkey FOREIGN KEY (document_id, workspace_id)
        REFERENCES documents (id, workspace_id) ON DELETE CASCADE;
ALTER TABLE documents DROP COLUMN kind;

DO $$
DECLARE
    tables CONSTANT regclass[] := '{documents,document_members,document_thumbnails,document_versions,document_presence,invites}';
    of_table regclass;
    old name;
BEGIN
    FOR of_table, old IN SELECT conrelid, conname FROM pg_constraint WHERE conrelid = ANY (tables) AND conname ~ 'document' LOOP
        EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', of_table, old, replace(old, 'document', 'board'));
    END LOOP;
    FOR old IN
        SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = ANY (tables) AND relname ~ 'document'
    LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', old, replace(old, 'document', 'board'));
    END LOOP;
END
$$;
ALTER SEQUENCE document_openings RENAME TO board_openings;
ALTER SEQUENCE document_versions_id_seq RENAME TO board_versions_id_seq;
ALTER SEQUENCE documents_id_seq RENAME TO boards_id_seq;
ALTER TABLE log_pending RENAME COLUMN document_id TO board_id;
ALTER TABLE invites RENAME COLUMN document_id TO board_id;
ALTER TABLE document_presence RENAME COLUMN document_id TO board_id;
ALTER TABLE document_presence RENAME TO board_presence;
ALTER TABLE document_versions RENAME COLUMN document_id TO board_id;
ALTER TABLE document_versions RENAME TO board_versions;
ALTER TABLE document_thumbnails RENAME COLUMN document_id TO board_id;
ALTER TABLE document_thumbnails RENAME TO board_thumbnails;
ALTER TABLE document_members RENAME COLUMN document_id TO board_id;
ALTER TABLE document_members RENAME TO board_members;
ALTER TABLE documents RENAME TO boards;
