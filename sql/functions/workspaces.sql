-- Workspaces: the writes that take more than one statement.

-- A new workspace and its owner; returns it as the owner sees it.
CREATE OR REPLACE FUNCTION create_workspace(owner bigint, name text, description text DEFAULT '')
RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    made workspaces;
BEGIN
    INSERT INTO workspaces (name, description) VALUES (name, description) RETURNING * INTO made;
    INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (made.id, owner, 'owner');
    RETURN workspace_json(made, 'owner');
END
$$;
