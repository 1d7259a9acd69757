-- Legal holds: which there are, and how much they keep.

CREATE VIEW ops.holds AS
SELECT h.id, h.workspace_id AS workspace, h.name, u.email AS person, h.chat_id AS chat, h.since, h.until, h.placed_at, h.released_at,
       (SELECT count(*) FROM public.held_content c WHERE h.id = ANY (c.hold_ids) AND c.workspace_id = h.workspace_id) AS kept
FROM public.holds h LEFT JOIN public.users u ON u.id = h.user_id ORDER BY h.id DESC;
COMMENT ON VIEW ops.holds IS 'Legal holds, the newest first: what each covers, and how many messages it keeps that have been edited or deleted since.';

CREATE FUNCTION ops.let_export_cases(workspace bigint, allowed boolean DEFAULT true, OUT name text) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE workspaces w SET may_export_cases = allowed WHERE w.id = workspace RETURNING w.name INTO name;
    IF name IS NULL THEN
        RAISE no_data_found USING MESSAGE = format('there is no workspace %s', workspace), HINT = 'SELECT * FROM ops.storage;';
    END IF;
END
$$;
COMMENT ON FUNCTION ops.let_export_cases IS 'Lets two owners of a workspace export what a hold covers, and an operator the whole workspace with its private chats. false ends it, also for what is approved.';
