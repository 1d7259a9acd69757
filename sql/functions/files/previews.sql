-- From a file that is to be scanned or looked at to one that is ready or refused (chat_server/files/looking.py).

-- Takes a file that is due for `seconds`. Returns nothing if none is. `tries` counts this one.
CREATE FUNCTION claim_look(seconds double precision)
RETURNS TABLE (file_id bigint, tries smallint, state text, type text, size bigint, key uuid, store text, sealed_key bytea)
LANGUAGE sql AS $$
    WITH claimed AS (
        UPDATE file_looks SET tries = least(file_looks.tries + 1, 100), due_at = now() + make_interval(secs => seconds)
        WHERE file_looks.file_id = (
            SELECT due.file_id FROM file_looks due WHERE due.due_at <= now()
            ORDER BY due.due_at, due.file_id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING file_looks.file_id, file_looks.tries
    )
    SELECT claimed.file_id, claimed.tries, f.state, f.type, f.size, b.key, b.store, b.sealed_key
    FROM claimed JOIN files f ON f.id = claimed.file_id JOIN blobs b USING (workspace_id, sha256)
$$;

-- Locks a file, and the workspaces and messages that have it, in this order: workspaces, messages, file. So nothing takes it
-- up with its former state, or is changed, until the caller's COMMIT tells of both.
CREATE FUNCTION lock_looked(file bigint) RETURNS files LANGUAGE plpgsql AS $$
DECLARE
    users file_uses[];
    locked files;
BEGIN
    LOOP
        BEGIN
            users := ARRAY(SELECT u FROM file_uses u WHERE file_id = file ORDER BY workspace_id, message_id, document_id, user_id);
            PERFORM FROM workspaces WHERE id IN (SELECT workspace_id FROM unnest(users)) ORDER BY id FOR NO KEY UPDATE;
            PERFORM FROM messages WHERE id IN (SELECT message_id FROM unnest(users)) ORDER BY id FOR NO KEY UPDATE;
            SELECT * INTO locked FROM files WHERE id = file FOR UPDATE;
            IF users = ARRAY(SELECT u FROM file_uses u WHERE file_id = file ORDER BY workspace_id, message_id, document_id, user_id) THEN
                RETURN locked;
            END IF;
            RAISE serialization_failure;
        EXCEPTION WHEN serialization_failure THEN
            NULL;  -- one more has it since: the locks are released, and taken anew
        END;
    END LOOP;
END
$$;

-- Ends the look at a file that was in the state `began_as`: `facts` has the columns of `files` that were found out,
-- `copies` what has been put into a store (name, key, store, sealed_key in hexadecimal, size, width, height). False if
-- the file is gone. If it is to be scanned by now, it stays in the queue. Copies that are not needed any more are
-- queued for deletion.
CREATE FUNCTION end_look(file bigint, began_as text, facts jsonb, copies jsonb, words text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    looked files;
BEGIN
    looked := lock_looked(file);
    IF looked.state = began_as THEN
        INSERT INTO previews (workspace_id, sha256, name, key, store, sealed_key, size, width, height)
        SELECT looked.workspace_id, looked.sha256, name, key, store, decode(sealed_key, 'hex'), size, width, height
        FROM jsonb_to_recordset(copies)
            AS copy (name text, key uuid, store text, sealed_key text, size bigint, width integer, height integer)
            JOIN blob_deletions USING (key)  -- else it took too long, and the bytes are gone
        ON CONFLICT DO NOTHING;
        INSERT INTO blob_words (workspace_id, sha256, tsv)
        SELECT looked.workspace_id, looked.sha256, array_to_tsvector(words) WHERE words <> '{}' ON CONFLICT DO NOTHING;
        looked := jsonb_populate_record(looked, facts);
        UPDATE files SET (state, width, height, animated, pages, duration, placeholder, waveform, no_preview)
            = ('ready', looked.width, looked.height, looked.animated, looked.pages, looked.duration, looked.placeholder,
               looked.waveform, looked.no_preview)
        WHERE id = file;
    END IF;
    IF looked.state = began_as OR looked.state NOT IN ('scanning', 'pending') THEN
        DELETE FROM file_looks WHERE file_id = file;
    ELSE
        UPDATE file_looks SET tries = 0, due_at = now() WHERE file_id = file;
    END IF;
    -- Until here they were queued as what a crash would leave; those that are in use now no longer are.
    DELETE FROM blob_deletions USING previews WHERE blob_deletions.key = previews.key
        AND previews.key IN (SELECT (copy ->> 'key')::uuid FROM jsonb_array_elements(copies) AS copy);
    RETURN looked.id IS NOT NULL;
END
$$;

-- Refuses a file that is being scanned: its bytes go. Its uploader and those who see a message with it learn why.
CREATE FUNCTION refuse_file(file bigint, reason text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM lock_looked(file);
    UPDATE files SET state = 'refused', refusal = left(reason, 500) WHERE id = file AND state = 'scanning';
END
$$;

-- Has all other files with the bytes of this one scanned again, in all workspaces; nobody may fetch them meanwhile. Returns
-- how many there are.
CREATE FUNCTION scan_copies(file bigint) RETURNS bigint LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH copies AS MATERIALIZED (
        SELECT copy.id FROM files f CROSS JOIN workspaces w
            JOIN files copy ON (copy.workspace_id, copy.sha256) = (w.id, f.sha256)
        WHERE f.id = file AND copy.id <> file AND copy.state IN ('pending', 'ready') ORDER BY copy.id FOR NO KEY UPDATE OF copy
    ), asked AS (
        UPDATE files SET state = 'scanning' WHERE id IN (SELECT id FROM copies) RETURNING 1
    )
    SELECT count(*) FROM asked
$$;
