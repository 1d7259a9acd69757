CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON file_uses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON file_uses
    FOR EACH ROW EXECUTE FUNCTION refuse_key_change();

-- A document has files of its workspace, each of which whoever attaches it sees. An operator may attach any of them.
CREATE FUNCTION document_files_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1000';
CREATE FUNCTION check_attached() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    place documents;
BEGIN
    SELECT * INTO place FROM documents WHERE id = NEW.document_id FOR NO KEY UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM file_uses WHERE file_id = NEW.file_id AND document_id = NEW.document_id) THEN
        RETURN NEW;
    ELSIF place.deleted_at IS NOT NULL THEN
        PERFORM refuse_deleted_document(place.id, place.kind);
    END IF;
    PERFORM FROM files WHERE id = NEW.file_id FOR KEY SHARE;
    IF NOT EXISTS (SELECT FROM files f WHERE f.id = NEW.file_id AND f.workspace_id = place.workspace_id AND f.state <> 'refused'
                   AND (acting_user() IS NULL OR sees_file(f, acting_user()))) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = of_kind('document_files_are_seen', place.kind),
            MESSAGE = format('file %s cannot be attached to %s %s', NEW.file_id, place.kind, place.id),
            HINT = 'It must be a file of the same workspace that its user may see.';
    ELSIF (SELECT count(*) FROM file_uses WHERE document_id = NEW.document_id) >= document_files_most() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = of_kind('document_files_amount', place.kind),
            MESSAGE = format('%s %s has %s files already', place.kind, place.id, document_files_most());
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER p30_attached BEFORE INSERT ON file_uses
    FOR EACH ROW WHEN (NEW.document_id IS NOT NULL) EXECUTE FUNCTION check_attached();

-- A file goes with its last use. Its row is locked first: whoever uses it anew meanwhile is seen, or is refused. One that is
-- held stays, and nobody sees it.
CREATE FUNCTION drop_unused_files() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM files WHERE id IN (SELECT file_id FROM gone) ORDER BY id FOR UPDATE;
    UPDATE files SET held_at = now() WHERE id IN (SELECT file_id FROM gone) AND held_at IS NULL AND file_is_held(id)
        AND NOT EXISTS (SELECT FROM file_uses WHERE file_id = files.id);
    DELETE FROM files WHERE id IN (SELECT file_id FROM gone) AND NOT file_is_held(id)
        AND NOT EXISTS (SELECT FROM file_uses WHERE file_id = files.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_drop_unused AFTER DELETE ON file_uses REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION drop_unused_files();

-- Members learn which file is attached to their document, or detached, or in another state; not its name, which would stay in
-- the log. They see the icon of a workspace, avatars, emoji and messages' files by the events of these.
CREATE FUNCTION log_document_file(file bigint, document bigint) RETURNS void LANGUAGE sql AS $$
    SELECT log_defer(of_kind('DocumentFilesUpdated', d.kind), 'document', 'file_uses', document_id => d.id, about => file)
    FROM documents d WHERE d.id = document AND d.deleted_at IS NULL
$$;
CREATE FUNCTION log_file_uses() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM log_document_file(OLD.file_id, OLD.document_id);
    ELSE
        PERFORM log_document_file(NEW.file_id, NEW.document_id);
    END IF;
    RETURN NULL;
END
$$;

-- Under the log's lock, since a deleted document has no events, and it may have been deleted meanwhile. The state at COMMIT.
CREATE FUNCTION tell_file_uses() RETURNS void LANGUAGE sql SET enable_seqscan = off AS $$
    UPDATE log_pending p SET payload = json_build_object(
        of_kind('document_id', d.kind), d.id, 'file_id', p.about,
        'attached', EXISTS (SELECT FROM file_uses u WHERE u.file_id = p.about AND u.document_id = d.id))
    FROM documents d
    WHERE p.xid = pg_current_xact_id() AND p.source = 'file_uses' AND p.document_id = d.id AND d.deleted_at IS NULL
$$;
CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT ON file_uses DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.document_id IS NOT NULL) EXECUTE FUNCTION log_file_uses();
CREATE CONSTRAINT TRIGGER p90_log_detached AFTER DELETE ON file_uses DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.document_id IS NOT NULL) EXECUTE FUNCTION log_file_uses();
