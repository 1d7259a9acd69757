-- Workspaces: writes that take more than one statement.

-- Whether a user has blocked invitations from this inviter, or into this workspace.
CREATE FUNCTION invitation_is_blocked(person bigint, workspace bigint, inviter bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM invitation_blocks b
                   WHERE b.user_id = person AND (b.workspace_id = workspace OR b.inviter_id = inviter))
$$;

-- Whether a user may add another one to a workspace without an invitation: the two already share one, the other has
-- neither left or declined this one, nor blocked either, and it demands nothing of how its members sign in.
CREATE FUNCTION comes_unasked(person bigint, workspace bigint, adder bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM bots b WHERE (b.user_id, b.workspace_id) = (person, workspace))
        OR EXISTS (SELECT FROM workspace_members mine JOIN workspace_members theirs USING (workspace_id)
                   WHERE mine.user_id = adder AND theirs.user_id = person)
       AND NOT EXISTS (SELECT FROM workspace_departures d WHERE d.workspace_id = workspace AND d.user_id = person)
       AND NOT invitation_is_blocked(person, workspace, adder)
       AND NOT EXISTS (SELECT FROM required_providers r WHERE r.workspace_id = workspace)
       AND NOT EXISTS (SELECT FROM required_second_factors r WHERE r.workspace_id = workspace)
$$;

-- Accepts an invitation; false if there is none. The workspace's row is locked first, as for every change of members.
CREATE FUNCTION accept_workspace_invitation(person bigint, workspace bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    granted text;
    maker bigint;
BEGIN
    PERFORM 1 FROM workspaces WHERE id = workspace FOR NO KEY UPDATE;
    SELECT role, invited_by INTO granted, maker FROM workspace_invitations i WHERE i.workspace_id = workspace AND i.user_id = person;
    -- A role by which somebody could invite may be gone.
    IF NOT FOUND OR maker IS NOT NULL AND NOT holds(maker, 'workspace.add_member', 'workspace', workspace) THEN
        RETURN false;
    END IF;
    INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (workspace, person, granted);
    RETURN true;
END
$$;

-- Declines one, and blocks its maker ('inviter') or the workspace ('workspace') if asked to; false if there is none.
CREATE FUNCTION decline_workspace_invitation(person bigint, workspace bigint, block text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    maker bigint;
BEGIN
    DELETE FROM workspace_invitations i WHERE i.workspace_id = workspace AND i.user_id = person RETURNING invited_by INTO maker;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF block IS NOT NULL THEN
        INSERT INTO invitation_blocks (user_id, workspace_id, inviter_id)
        VALUES (person, CASE block WHEN 'workspace' THEN workspace END, CASE block WHEN 'inviter' THEN maker END)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN true;
END
$$;

-- A new workspace and its owner; returns it as the owner sees it.
CREATE FUNCTION create_workspace(owner bigint, name text, description text DEFAULT '')
RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    made workspaces;
BEGIN
    INSERT INTO workspaces (name, description) VALUES (name, description) RETURNING * INTO made;
    INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (made.id, owner, 'owner');
    RETURN workspace_json(made, 'owner');
END
$$;
