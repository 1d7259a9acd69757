-- Files of an archive.

-- Those that an earlier import has brought, and that are still here, are not brought again. Nor are those that were deleted.
-- `seen`: an import that has ended has brought it, and it is in use. (One that has not ended may still have to use it elsewhere.)
CREATE FUNCTION import_known_files(import bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    amount bigint;
BEGIN
    UPDATE import_files f
    SET file_id = r.local_id, seen = i.finished_at IS NOT NULL AND EXISTS (SELECT FROM file_uses u WHERE u.file_id = r.local_id)
    FROM import_refs r JOIN imports i ON i.id = r.import_id
    WHERE r.import_id = import AND r.kind = 'file' AND r.external_id = f.external_id;
    GET DIAGNOSTICS amount = ROW_COUNT;
    RETURN amount;
END
$$;

-- Makes a file of bytes that are stored under a key, within the quota of the workspace. It is its uploader's, if the import made
-- their account: nobody who was here before pays for an archive.
CREATE FUNCTION import_file(
    import bigint, number integer, hash bytea, size bigint, kind text, name text, begins_as text, stored_as uuid, in_store text, sealed bytea
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    workspace CONSTANT bigint := (SELECT workspace_id FROM imports WHERE id = import);
    staged CONSTANT import_files := (SELECT f FROM import_files f WHERE n = number);
    uploader CONSTANT bigint := (
        SELECT p.user_id FROM import_people p JOIN import_refs r ON r.external_id = p.external_id
        WHERE p.n = staged.uploader AND r.import_id = import AND r.kind = 'person' AND r.made);
    made bigint;
BEGIN
    PERFORM keep_blob(workspace, NULL, hash, size, stored_as, in_store, sealed);
    INSERT INTO files (workspace_id, uploader_id, sha256, size, type, name, state, created_at)
    VALUES (workspace, NULL, hash, size, kind, name, begins_as, coalesce(by_now(staged.created_at), now())) RETURNING id INTO made;
    UPDATE files SET uploader_id = uploader WHERE id = made AND uploader IS NOT NULL;
    INSERT INTO import_refs VALUES (import, 'file', staged.external_id, made);
    UPDATE import_files SET file_id = made WHERE n = number;
    RETURN made;
END
$$;

CREATE FUNCTION import_pictures(import bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('fechatter.imports', 'on', true);
    PERFORM import_avatars();
    RETURN import_emoji(import);
END
$$;
