-- Stored bytes, and the quotas of workspaces and users. Triggers call storage_add() for all that is added or deleted:
-- versions and thumbnails immediately, the content of documents in steps of storage_step().
--
-- For another kind of data, add a trigger that calls storage_add(), and its kind to storage_usage_kind_known.

-- The uncharged bytes that a document may have, so that an edit needs no lock that another document's edit needs too.
CREATE FUNCTION storage_step() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 65536::bigint';
-- What an empty document counts for; the default of documents.charged_bytes.
CREATE FUNCTION storage_of_new_document() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1024::bigint';

-- The kind in storage_usage for the content of documents of a kind: for boards 'boards'.
CREATE FUNCTION storage_kind(kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT kind || 's' $$;

-- The quota; null if there is none.
CREATE FUNCTION storage_allowed_in_workspace(workspace bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(coalesce((SELECT bytes FROM storage_exceptions WHERE workspace_id = workspace), workspace_bytes), 0) FROM storage_quotas
$$;
CREATE FUNCTION storage_allowed_to_user(person bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(coalesce((SELECT bytes FROM storage_exceptions WHERE user_id = person), user_bytes), 0) FROM storage_quotas
$$;
CREATE FUNCTION storage_of_workspace(workspace bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(bytes), 0)::bigint FROM storage_usage WHERE workspace_id = workspace
$$;
CREATE FUNCTION storage_of_user(person bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(bytes), 0)::bigint FROM storage_usage WHERE user_id = person AND person <> 0
$$;

-- Until the end of the transaction nobody else adds anything in these workspaces, or to these users' share, so two
-- additions that fit only singly do not both pass. Acquire all workspaces before all users, each by id, and all of it
-- before the log's lock.
CREATE FUNCTION storage_lock(workspaces bigint[], people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.storage'), hashint8(id))
    FROM (SELECT DISTINCT unnest(workspaces) AS id ORDER BY id) w;
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.storage_of_user'), hashint8(id))
    FROM (SELECT DISTINCT unnest(people) AS id ORDER BY id) p WHERE id <> 0;
END
$$;

-- The quota that prevents adding these bytes: 'workspace', 'user', or null. Call it under storage_lock().
CREATE FUNCTION storage_in_the_way(workspace bigint, person bigint, more bigint) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN storage_of_workspace(workspace) + more > storage_allowed_in_workspace(workspace) THEN 'workspace'
                WHEN person <> 0 AND storage_of_user(person) + more > storage_allowed_to_user(person) THEN 'user' END
$$;

CREATE FUNCTION refuse_storage(quota text, workspace bigint, person bigint, more bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    used bigint := CASE quota WHEN 'workspace' THEN storage_of_workspace(workspace) ELSE storage_of_user(person) END;
    allowed bigint := CASE quota WHEN 'workspace' THEN storage_allowed_in_workspace(workspace) ELSE storage_allowed_to_user(person) END;
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'quota_exceeded',
        MESSAGE = format('%s %s has %s of %s bytes stored, and this takes %s more', quota,
                         CASE quota WHEN 'workspace' THEN workspace ELSE person END, used, allowed, more),
        DETAIL = json_build_object('quota', quota, 'used', used, 'allowed', allowed, 'needed', more),
        HINT = 'Delete something, or let an operator raise the quota: SELECT * FROM ops.storage;';
END
$$;

-- Adds to the stored bytes, or subtracts if `change` is negative. Refused beyond a quota, unless not `enforced`.
CREATE FUNCTION storage_add(workspace bigint, person bigint, what text, change bigint, enforced boolean DEFAULT true)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    owner bigint := coalesce(person, 0);
    quota text;
BEGIN
    IF change < 0 THEN
        -- When a workspace is being deleted its usage is deleted too.
        UPDATE storage_usage SET bytes = greatest(0, bytes + change)
        WHERE workspace_id = workspace AND user_id = owner AND kind = what AND EXISTS (SELECT FROM workspaces WHERE id = workspace);
    ELSIF change > 0 THEN
        IF enforced THEN
            PERFORM storage_lock(ARRAY[workspace], ARRAY[owner]);
            quota := storage_in_the_way(workspace, owner, change);
            IF quota IS NOT NULL THEN
                PERFORM refuse_storage(quota, workspace, owner, change);
            END IF;
        END IF;
        INSERT INTO storage_usage AS u (workspace_id, user_id, kind, bytes) VALUES (workspace, owner, what, change)
        ON CONFLICT (workspace_id, user_id, kind) DO UPDATE SET bytes = u.bytes + excluded.bytes;
    END IF;
END
$$;

-- Before edits of these documents are stored: charges those that have grown by a step. Returns those without room. Call
-- it with the documents' row locks.
CREATE FUNCTION storage_charge_documents(grown bigint[], by_bytes bigint[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    full_ones bigint[] := '{}';
    due record;
    dues bigint[];
BEGIN
    SELECT array_agg(d.id) INTO dues FROM unnest(grown, by_bytes) AS g (id, bytes) JOIN documents d USING (id)
    WHERE d.stored_bytes + storage_of_new_document() - d.charged_bytes + g.bytes >= storage_step();
    IF dues IS NULL THEN
        RETURN full_ones;
    END IF;
    PERFORM storage_lock(array_agg(workspace_id), array_agg(coalesce(created_by, 0))) FROM documents WHERE id = ANY (dues);
    FOR due IN
        SELECT d.id, d.kind, d.workspace_id, d.created_by, d.stored_bytes + storage_of_new_document() - d.charged_bytes + g.bytes AS bytes
        FROM unnest(grown, by_bytes) AS g (id, bytes) JOIN documents d USING (id) WHERE d.id = ANY (dues) ORDER BY d.id
    LOOP
        IF storage_in_the_way(due.workspace_id, coalesce(due.created_by, 0), due.bytes) IS NOT NULL THEN
            full_ones := full_ones || due.id;
        ELSE
            PERFORM storage_add(due.workspace_id, due.created_by, storage_kind(due.kind), due.bytes, false);
            UPDATE documents SET charged_bytes = charged_bytes + due.bytes WHERE id = due.id;
        END IF;
    END LOOP;
    RETURN full_ones;
END
$$;

-- Charges the whole current size of a document.
CREATE FUNCTION settle_document_storage(document bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    due record;
BEGIN
    SELECT id, kind, workspace_id, created_by, stored_bytes + storage_of_new_document() - charged_bytes AS bytes INTO due
    FROM documents WHERE id = document AND stored_bytes + storage_of_new_document() <> charged_bytes FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM storage_add(due.workspace_id, due.created_by, storage_kind(due.kind), due.bytes, false);
        UPDATE documents SET charged_bytes = charged_bytes + due.bytes WHERE id = document;
    END IF;
END
$$;

-- Those of these documents in which nothing more can be stored, since their workspace or their creator has used up a
-- quota.
CREATE FUNCTION documents_without_room(documents bigint[]) RETURNS SETOF bigint LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH asked AS MATERIALIZED (SELECT id, workspace_id, coalesce(created_by, 0) AS person FROM documents d WHERE id = ANY (documents_without_room.documents)),
    workspaces AS MATERIALIZED (
        SELECT workspace_id FROM (SELECT DISTINCT workspace_id FROM asked) w
        WHERE storage_of_workspace(workspace_id) + storage_of_new_document() > storage_allowed_in_workspace(workspace_id)),
    people AS MATERIALIZED (
        SELECT person FROM (SELECT DISTINCT person FROM asked WHERE person <> 0) p
        WHERE storage_of_user(person) + storage_of_new_document() > storage_allowed_to_user(person))
    SELECT id FROM asked WHERE workspace_id IN (SELECT workspace_id FROM workspaces) OR person IN (SELECT person FROM people)
$$;

-- The storage of a workspace, as its members see it; `yours` covers all workspaces together.
CREATE FUNCTION storage_json(workspace bigint, person bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT workspace AS workspace_id, storage_of_workspace(workspace) AS bytes, storage_allowed_in_workspace(workspace) AS allowed,
               (SELECT json_object_agg(kind, (SELECT coalesce(sum(bytes), 0) FROM storage_usage u
                                              WHERE u.workspace_id = workspace AND u.kind = k.kind))
                FROM unnest(ARRAY['boards', 'pages', 'versions', 'thumbnails', 'files', 'uploads']) AS k (kind)) AS kinds,
               json_build_object('bytes', storage_of_user(person), 'allowed', storage_allowed_to_user(person)) AS yours
    ) shape
$$;

-- The quotas of app.yaml; 0 means no quota.
CREATE FUNCTION set_storage_quotas(of_workspace bigint, of_user bigint) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE storage_quotas SET workspace_bytes = of_workspace, user_bytes = of_user
    WHERE (workspace_bytes, user_bytes) IS DISTINCT FROM (of_workspace, of_user)
$$;

-- Recounts everything, document by document, after writes that bypassed the triggers; returns how many differed.
CREATE FUNCTION recount_storage() RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    differed bigint;
BEGIN
    LOCK TABLE documents, document_versions, document_thumbnails, board_snapshots, board_updates, page_snapshots, page_ops, page_publications,
        page_comments, files, uploads IN SHARE ROW EXCLUSIVE MODE;
    WITH stored AS (
        SELECT id, coalesce((SELECT sum(length(data)) FROM board_updates u WHERE u.board_id = d.id), 0)
                   + coalesce((SELECT length(state) + length(vector) + length(deletions) FROM board_snapshots s
                               WHERE s.board_id = d.id), 0)
                   + coalesce((SELECT sum(octet_length(patch) + coalesce(octet_length(inverse), 0) + coalesce(octet_length(effects), 0))
                               FROM page_ops o WHERE o.page_id = d.id), 0)
                   + coalesce((SELECT sum(octet_length(content)) FROM page_comments c WHERE c.page_id = d.id), 0)
                   + coalesce((SELECT octet_length(content) FROM page_snapshots s WHERE s.page_id = d.id), 0)
                   + coalesce((SELECT octet_length(content) FROM page_publications p WHERE p.page_id = d.id), 0) AS bytes
        FROM documents d
    ), changed AS (
        UPDATE documents d SET stored_bytes = s.bytes, charged_bytes = storage_of_new_document() + s.bytes FROM stored s
        WHERE s.id = d.id AND (d.stored_bytes, d.charged_bytes) IS DISTINCT FROM (s.bytes, storage_of_new_document() + s.bytes)
        RETURNING d.stored_bytes
    )
    SELECT count(*) INTO differed FROM changed;
    DELETE FROM storage_usage;
    INSERT INTO storage_usage (workspace_id, user_id, kind, bytes)
    SELECT workspace_id, coalesce(created_by, 0), storage_kind(kind), sum(charged_bytes) FROM documents GROUP BY 1, 2, 3
    UNION ALL
    SELECT d.workspace_id, coalesce(v.created_by, 0), 'versions', sum(length(v.state))
    FROM document_versions v JOIN documents d ON d.id = v.document_id GROUP BY 1, 2
    UNION ALL
    SELECT d.workspace_id, coalesce(d.created_by, 0), 'thumbnails', sum(length(t.data))
    FROM document_thumbnails t JOIN documents d ON d.id = t.document_id GROUP BY 1, 2
    UNION ALL
    SELECT workspace_id, coalesce(uploader_id, 0), 'files', sum(stored_size(files)) FROM files GROUP BY 1, 2
    UNION ALL
    SELECT workspace_id, user_id, 'uploads', sum(size) FROM uploads WHERE finished_at IS NULL GROUP BY 1, 2;
    RETURN differed;
END
$$;
