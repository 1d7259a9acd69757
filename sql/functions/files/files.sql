-- Files: who may see them, and from an upload to a file.

-- Whether two users share a workspace, or this one.
CREATE FUNCTION shares_workspace(viewer bigint, person bigint, workspace bigint DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM workspace_members mine JOIN workspace_members theirs USING (workspace_id)
                   WHERE mine.user_id = viewer AND theirs.user_id = person AND (workspace IS NULL OR mine.workspace_id = workspace))
$$;

-- Whether two users see each other's profiles: they are the same, share a workspace, or are in a chat of which one is a guest.
CREATE FUNCTION sees_profile(viewer bigint, person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT viewer = person OR shares_workspace(viewer, person) OR meets_as_guest(viewer, person)
$$;

-- Whether a user may fetch a file now: they see one of its uses, which is a message of a chat that they are in, a document
-- that they are a member of and that is not deleted, the picture of a user whose profile they see, or the icon or
-- an emoji of a workspace that they are in. A file without a use is seen by its uploader alone, as long as they are in its workspace.
CREATE FUNCTION sees_file(file files, person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM file_uses use JOIN chat_members m ON m.chat_id = use.chat_id AND m.user_id = person
                   WHERE use.file_id = file.id)
        OR EXISTS (SELECT FROM file_uses use JOIN document_members m ON m.document_id = use.document_id AND m.user_id = person
                   JOIN documents d ON d.id = use.document_id WHERE use.file_id = file.id AND d.deleted_at IS NULL)
        OR EXISTS (SELECT FROM file_uses use JOIN workspace_members m ON m.workspace_id = use.workspace_id AND m.user_id = person
                   WHERE use.file_id = file.id)
        OR EXISTS (SELECT FROM file_uses use
                   WHERE use.file_id = file.id AND use.user_id IS NOT NULL AND sees_profile(person, use.user_id))
        OR (file.uploader_id = person AND file.held_at IS NULL AND NOT EXISTS (SELECT FROM file_uses use WHERE use.file_id = file.id)
            AND EXISTS (SELECT FROM workspace_members w WHERE w.workspace_id = file.workspace_id AND w.user_id = person))
$$;

-- The first of these files that a message of this sender in this chat cannot have: there is none, the sender may not see it,
-- it belongs to another workspace, it was refused, or it is named twice. Null if all are good.
CREATE FUNCTION unusable_file(ids bigint[], person bigint, chat bigint) RETURNS bigint LANGUAGE sql STABLE
SET enable_seqscan = off AS $$
    SELECT id FROM unnest(ids) WITH ORDINALITY AS asked (id, place)
    WHERE NOT EXISTS (SELECT FROM files f JOIN chats c ON c.workspace_id = f.workspace_id
                      WHERE f.id = asked.id AND c.id = chat AND f.state <> 'refused' AND sees_file(f, person))
       OR array_position(ids, id) < place
    ORDER BY place LIMIT 1
$$;

-- The bytes of a file that count in quotas: a refused one has none.
CREATE FUNCTION stored_size(file files) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN file.sha256 IS NULL THEN 0 ELSE file.size END
$$;

-- Whether a user may make a file a picture of something in a workspace; a null workspace: of themselves. Null person: an
-- operator.
CREATE FUNCTION may_be_picture(file bigint, person bigint, workspace bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM files f WHERE f.id = file AND f.type LIKE 'image/%' AND f.state <> 'refused'
                   AND (workspace IS NULL OR f.workspace_id = workspace) AND (person IS NULL OR sees_file(f, person)))
$$;
CREATE FUNCTION refuse_picture(file bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'picture_is_seen',
        MESSAGE = format('file %s cannot be used as a picture here', file),
        HINT = 'It must be a picture that its user may see; for a workspace, one of this workspace.';
END
$$;

-- Attaches a file to a document, and returns it. Repeating it changes nothing.
CREATE FUNCTION attach_file(document bigint, file bigint) RETURNS json LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO file_uses (file_id, document_id) VALUES (file, document) ON CONFLICT DO NOTHING;
    RETURN (SELECT file_json(f) FROM files f WHERE f.id = file);
END
$$;
CREATE FUNCTION detach_file(document bigint, file bigint) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM file_uses WHERE file_id = file AND document_id = document
$$;

-- The files of a message that is forwarded into a chat: those of other workspaces are taken along, as files of the sender
-- with the same bytes, which count in the quotas there. One that the sender does not see, or that is refused, stays what it
-- is, and is then refused as of another workspace.
CREATE FUNCTION bring_files(ids bigint[], sender bigint, chat bigint) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    there CONSTANT bigint := (SELECT workspace_id FROM chats WHERE id = chat);
    brought jsonb := '{}';
    source files;
    made bigint;
BEGIN
    -- They stay, and so do their blobs: whoever removes a file's last use waits.
    PERFORM FROM files WHERE id = ANY (ids) AND workspace_id <> there ORDER BY id FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN ids;
    END IF;
    PERFORM storage_lock(ARRAY[there], ARRAY[sender]);
    -- Not moved to another key meanwhile.
    PERFORM FROM blobs WHERE (workspace_id, sha256) IN (SELECT f.workspace_id, f.sha256 FROM files f WHERE f.id = ANY (ids))
    ORDER BY workspace_id, sha256 FOR SHARE;
    FOR source IN SELECT * FROM files f WHERE f.id = ANY (ids) AND f.workspace_id <> there AND f.state <> 'refused'
                  AND sees_file(f, sender) ORDER BY f.id LOOP
        INSERT INTO blobs SELECT (jsonb_populate_record(b, jsonb_build_object('workspace_id', there, 'created_at', now()))).*
        FROM blobs b WHERE (b.workspace_id, b.sha256) = (source.workspace_id, source.sha256) ON CONFLICT DO NOTHING;
        PERFORM FROM blobs WHERE (workspace_id, sha256) = (there, source.sha256) FOR KEY SHARE;
        INSERT INTO previews SELECT (jsonb_populate_record(p, jsonb_build_object('workspace_id', there))).*
        FROM previews p WHERE (p.workspace_id, p.sha256) = (source.workspace_id, source.sha256) ON CONFLICT DO NOTHING;
        INSERT INTO blob_words SELECT (jsonb_populate_record(w, jsonb_build_object('workspace_id', there))).*
        FROM blob_words w WHERE (w.workspace_id, w.sha256) = (source.workspace_id, source.sha256) ON CONFLICT DO NOTHING;
        made := nextval('files_id_seq');
        INSERT INTO files OVERRIDING SYSTEM VALUE
        SELECT (jsonb_populate_record(source, jsonb_build_object(
            'id', made, 'workspace_id', there, 'uploader_id', sender, 'created_at', now()))).*;
        brought := brought || jsonb_build_object(source.id, made);
    END LOOP;
    RETURN ARRAY(SELECT coalesce((brought ->> id::text)::bigint, id) FROM unnest(ids) WITH ORDINALITY AS asked (id, place) ORDER BY place);
END
$$;

-- A message as it is after its files were taken along by the statement that posts it.
CREATE FUNCTION brought_message_json(m messages) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN message_json(m);
END
$$;

-- A JSON list of ids; null stays null.
CREATE FUNCTION ids_of(list jsonb) RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN list IS NOT NULL THEN ARRAY(SELECT value::bigint FROM jsonb_array_elements_text(list)) END
$$;

-- Begins an upload: reserves its size in the quotas. Nothing if the user is not in the workspace.
CREATE FUNCTION begin_upload(person bigint, workspace bigint, name text, size bigint, seconds double precision)
RETURNS SETOF uploads LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM workspace_members m WHERE m.workspace_id = workspace AND m.user_id = person FOR KEY SHARE;
    IF FOUND THEN
        RETURN QUERY INSERT INTO uploads (workspace_id, user_id, name, size, expires_at)
            VALUES (workspace, person, name, size, now() + make_interval(secs => seconds)) RETURNING *;
    END IF;
END
$$;

-- The bytes of a key are in use from now on: it leaves the queue for deletion, in which it has been since before they were
-- stored. Refused if it has left it already: they took too long, and have been deleted.
CREATE FUNCTION use_key(used uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM blob_deletions WHERE key = used;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the bytes of % are not there any more', used USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END
$$;

-- Bytes that are stored under `stored_as` become a blob of the workspace. If it has these bytes already, the new ones stay
-- queued for deletion.
CREATE FUNCTION keep_blob(workspace bigint, person bigint, hash bytea, size bigint, stored_as uuid, in_store text, sealed bytea)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    stored uuid;
    lost timestamptz;
BEGIN
    -- Before the blob's row, as begin_upload() and the deletion of a file do: it counts before it drops the blob.
    PERFORM storage_lock(ARRAY[workspace], ARRAY[coalesce(person, 0)]);
    PERFORM FROM storage_usage u WHERE u.workspace_id = keep_blob.workspace AND u.user_id = coalesce(person, 0)
        AND u.kind IN ('files', 'uploads') ORDER BY u.kind FOR NO KEY UPDATE;
    -- One that is being deleted is waited for.
    LOOP
        INSERT INTO blobs (workspace_id, sha256, size, key, store, sealed_key)
        VALUES (workspace, hash, keep_blob.size, stored_as, in_store, sealed)
        ON CONFLICT (workspace_id, sha256) DO NOTHING;
        SELECT key, lost_at INTO stored, lost FROM blobs WHERE workspace_id = keep_blob.workspace AND sha256 = hash FOR KEY SHARE;
        EXIT WHEN FOUND;
    END LOOP;
    -- The store has lost the bytes that the others have: these are in their place.
    IF lost IS NOT NULL THEN
        PERFORM move_blob(stored, stored_as, in_store, sealed);
    ELSIF stored = stored_as THEN
        PERFORM use_key(stored_as);
    ELSE
        UPDATE blob_deletions SET since = now() WHERE key = stored_as;
    END IF;
END
$$;

-- Makes the file of an upload whose bytes are stored under `stored_as`, and returns its id. If the workspace has these bytes
-- already, or the upload is gone, the new ones stay queued for deletion. An upload that is finished returns the same file
-- again; null if the upload or its file is gone. One that is scanning or pending will be looked at (previews.sql).
CREATE FUNCTION finish_upload(upload uuid, hash bytea, kind text, begins_as text, stored_as uuid, in_store text, sealed bytea)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    done uploads;
    made bigint;
BEGIN
    SELECT * INTO done FROM uploads WHERE id = upload FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF done.finished_at IS NOT NULL THEN
        RETURN done.file_id;
    END IF;
    PERFORM keep_blob(done.workspace_id, done.user_id, hash, done.size, stored_as, in_store, sealed);
    UPDATE uploads SET received = size, finished_at = now() WHERE id = upload;
    INSERT INTO files (workspace_id, uploader_id, sha256, size, type, name, state)
    VALUES (done.workspace_id, done.user_id, hash, done.size, kind, done.name, begins_as)
    RETURNING id INTO made;
    UPDATE uploads SET file_id = made WHERE id = upload;
    RETURN made;
END
$$;

-- The media types of a message's files, and their names; null for a message without files, of which nothing is looked up.
CREATE FUNCTION types_of_files(ids bigint[]) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(DISTINCT type) FROM files WHERE id = ANY (ids)
$$;
CREATE FUNCTION file_types(ids bigint[]) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN ids IS NOT NULL THEN types_of_files(ids) END
$$;
CREATE FUNCTION names_of_files(ids bigint[]) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(name ORDER BY id) FROM files WHERE id = ANY (ids)
$$;
CREATE FUNCTION file_names(ids bigint[]) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN ids IS NOT NULL THEN names_of_files(ids) END
$$;

-- Ends expired uploads; the keys of those without a file are queued for deletion. A file that is used by nothing goes with
-- its upload: once it has been used, it goes with its last use. Returns how many uploads there were.
CREATE FUNCTION expire_uploads(amount integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    ended bigint;
    made bigint[];
BEGIN
    WITH gone AS (
        DELETE FROM uploads WHERE id IN (
            SELECT id FROM uploads WHERE expires_at < now() ORDER BY expires_at LIMIT amount FOR UPDATE SKIP LOCKED)
        RETURNING file_id
    )
    SELECT count(*), array_agg(file_id) FILTER (WHERE file_id IS NOT NULL) INTO ended, made FROM gone;
    -- A message that takes one of them up meanwhile is waited for, and seen by the next statement.
    PERFORM FROM files WHERE id = ANY (made) ORDER BY id FOR UPDATE;
    DELETE FROM files WHERE id = ANY (made) AND NOT file_is_held(id)
        AND NOT EXISTS (SELECT FROM file_uses WHERE file_id = files.id);
    RETURN ended;
END
$$;

-- A blob, or a preview of a file or link, has been stored again: under another key, elsewhere, or encrypted otherwise. Its trigger queues the old key
-- for deletion, after those who are about to read it. False if nothing has the old key any more.
CREATE FUNCTION move_blob(old_key uuid, new_key uuid, in_store text, sealed bytea) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE blobs SET (key, store, sealed_key, lost_at) = (new_key, in_store, sealed, NULL) WHERE key = old_key;
    IF NOT FOUND THEN
        UPDATE previews SET (key, store, sealed_key, lost_at) = (new_key, in_store, sealed, NULL) WHERE key = old_key;
    END IF;
    IF NOT FOUND THEN
        UPDATE link_previews SET (key, store, sealed_key) = (new_key, in_store, sealed) WHERE key = old_key;
    END IF;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM use_key(new_key);
    RETURN true;
END
$$;

-- Notes that the store has lost the bytes of a key, or that they have been read. Returns the files whose bytes, or previews,
-- these are, if nobody had noted it.
CREATE FUNCTION note_bytes(noted_key uuid, lost boolean) RETURNS SETOF bigint LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
    WITH noted AS (
        UPDATE blobs SET lost_at = CASE WHEN lost THEN now() END WHERE key = noted_key AND (lost_at IS NOT NULL) <> lost
        RETURNING workspace_id, sha256
    ), noted_preview AS (
        UPDATE previews SET lost_at = CASE WHEN lost THEN now() END WHERE key = noted_key AND (lost_at IS NOT NULL) <> lost
        RETURNING workspace_id, sha256
    )
    SELECT f.id FROM (TABLE noted UNION TABLE noted_preview) n JOIN files f USING (workspace_id, sha256) ORDER BY f.id
$$;
