-- Guests of organisations in chats (ADR 78). Whom a guest sees follows from memberships of chats alone.

-- The people whom a user meets in chats as a guest, or who are guests there: in all chats, or in a workspace's. Nobody else is
-- seen across the border of a workspace.
CREATE FUNCTION met_as_guests(viewer bigint, workspace bigint DEFAULT NULL) RETURNS SETOF bigint LANGUAGE sql STABLE ROWS 20 AS $$
    SELECT theirs.user_id FROM chat_members mine JOIN chat_members theirs USING (chat_id)
    WHERE mine.user_id = viewer AND mine.guest_of IS NOT NULL AND (workspace IS NULL OR mine.workspace_id = workspace)
    UNION
    SELECT theirs.user_id FROM chat_members mine JOIN chat_members theirs USING (chat_id)
    WHERE mine.user_id = viewer AND theirs.guest_of IS NOT NULL AND (workspace IS NULL OR mine.workspace_id = workspace)
$$;

-- Whether two users are in a chat of which one is a guest.
CREATE FUNCTION meets_as_guest(viewer bigint, person bigint, workspace bigint DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM chat_members mine JOIN chat_members theirs USING (chat_id)
        WHERE mine.user_id = viewer AND theirs.user_id = person AND (mine.guest_of IS NOT NULL OR theirs.guest_of IS NOT NULL)
          AND (workspace IS NULL OR mine.workspace_id = workspace))
$$;
