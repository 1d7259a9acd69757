-- Stored bytes, and quotas.

CREATE VIEW ops.storage AS
SELECT w.id AS workspace, w.name, pg_size_pretty(public.storage_of_workspace(w.id)) AS stored,
       coalesce(pg_size_pretty(public.storage_allowed_in_workspace(w.id)), 'any') AS allowed, s.boards, s.versions, s.thumbnails, s.files
FROM public.workspaces w CROSS JOIN LATERAL (
    SELECT pg_size_pretty(coalesce(sum(bytes) FILTER (WHERE kind = 'boards'), 0)) AS boards,
           pg_size_pretty(coalesce(sum(bytes) FILTER (WHERE kind = 'versions'), 0)) AS versions,
           pg_size_pretty(coalesce(sum(bytes) FILTER (WHERE kind = 'thumbnails'), 0)) AS thumbnails,
           pg_size_pretty(coalesce(sum(bytes) FILTER (WHERE kind IN ('files', 'uploads')), 0)) AS files,
           coalesce(sum(bytes), 0) AS bytes
    FROM public.storage_usage u WHERE u.workspace_id = w.id) s
ORDER BY s.bytes DESC, w.id;
COMMENT ON VIEW ops.storage IS 'Every workspace: how much is stored in it, of what kinds, and its quota. The fullest first.';

CREATE VIEW ops.storage_of_users AS
SELECT u.id AS user_id, u.email, pg_size_pretty(s.bytes) AS stored,
       coalesce(pg_size_pretty(public.storage_allowed_to_user(u.id)), 'any') AS allowed
FROM public.users u JOIN (SELECT user_id, sum(bytes) AS bytes FROM public.storage_usage GROUP BY 1) s ON s.user_id = u.id
ORDER BY s.bytes DESC, u.id;
COMMENT ON VIEW ops.storage_of_users IS 'Users with stored data, over all workspaces: how much, and their quota. The largest first.';

CREATE FUNCTION ops.allow_workspace(workspace bigint, amount text, OUT allowed text) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM storage_exceptions WHERE workspace_id = workspace;
    IF amount IS NOT NULL THEN
        INSERT INTO storage_exceptions (workspace_id, bytes) VALUES (workspace, pg_size_bytes(amount));
    END IF;
    allowed := coalesce(pg_size_pretty(storage_allowed_in_workspace(workspace)), 'any');
END
$$;
COMMENT ON FUNCTION ops.allow_workspace IS 'Gives a workspace a quota of its own, such as ''50 GB''; ''0'': no quota; NULL: the same as the others.';

CREATE FUNCTION ops.allow_user(who text, amount text, OUT allowed text) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    DELETE FROM storage_exceptions WHERE user_id = person;
    IF amount IS NOT NULL THEN
        INSERT INTO storage_exceptions (user_id, bytes) VALUES (person, pg_size_bytes(amount));
    END IF;
    allowed := coalesce(pg_size_pretty(storage_allowed_to_user(person)), 'any');
END
$$;
COMMENT ON FUNCTION ops.allow_user IS 'The same for a user.';

CREATE FUNCTION ops.recount_storage(OUT documents_corrected bigint) LANGUAGE sql
SET search_path = public, pg_temp AS 'SELECT recount_storage()';
COMMENT ON FUNCTION ops.recount_storage IS 'Recounts everything that is stored, after rows were written without the triggers. Nobody can write to documents meanwhile.';
