-- Boards: the writes that take more than one statement.

-- A new board, its creator as the owner; returns it as the owner sees it.
CREATE OR REPLACE FUNCTION create_board(creator bigint, workspace bigint, name text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    made boards;
    shown json;
BEGIN
    INSERT INTO boards (workspace_id, name, created_by) VALUES (workspace, name, creator) RETURNING * INTO made;
    INSERT INTO board_members (board_id, user_id, role) VALUES (made.id, creator, 'owner');
    SELECT board_json(boards, creator) INTO shown FROM boards WHERE id = made.id;
    RETURN shown;
END
$$;

CREATE OR REPLACE FUNCTION refuse_deleted_board(board bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'board_is_deleted',
        MESSAGE = format('board %s has been deleted', board),
        HINT = 'Restore it first: UPDATE boards SET deleted_at = NULL …';
END
$$;
