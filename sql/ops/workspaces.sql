-- Workspaces that move to another installation (docs/operations/scaling.md).

CREATE FUNCTION ops.move_workspace_away(workspace bigint, address text, OUT name text, OUT people bigint) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    SELECT w.name INTO name FROM workspaces w WHERE w.id = workspace FOR UPDATE;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = format('there is no workspace %s', workspace), HINT = 'SELECT id, name FROM workspaces;';
    END IF;
    SELECT count(*) INTO people FROM workspace_members m WHERE m.workspace_id = workspace;
    BEGIN
        INSERT INTO moved_workspaces (workspace_id, moved_to) VALUES (workspace, address)
        ON CONFLICT (workspace_id) DO UPDATE SET (moved_to, moved_at) = (excluded.moved_to, excluded.moved_at);
    EXCEPTION WHEN check_violation THEN
        RAISE check_violation USING MESSAGE = format('%L is no address of an installation', address), CONSTRAINT = 'moved_workspaces_to_address',
            HINT = 'Its URL, of at most 2048 bytes, such as https://chat.example.com';
    END;
    DELETE FROM workspaces w WHERE w.id = workspace;
END
$$;
COMMENT ON FUNCTION ops.move_workspace_away IS 'Deletes a workspace that has been copied to another installation, and tells its members the address at which it is now (WorkspaceMoved). It copies nothing.';
