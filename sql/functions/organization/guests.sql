-- Guests of organisations in chats of their workspaces (ADR 78).

-- The organisation whose guest a user would be in a chat of a workspace; null if they are none of it, or whoever adds them does
-- not know them: they have met, or administer the organisation. Else anybody could find guests by trying ids.
CREATE FUNCTION guest_of(person bigint, workspace bigint, adder bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT m.organization_id FROM workspaces w JOIN organization_members m ON m.organization_id = w.organization_id
    WHERE w.id = workspace AND m.user_id = person AND m.kind = 'guest' AND feature_enabled('enable_organizations', m.organization_id)
      AND (adder IS NULL OR meets_as_guest(adder, person) OR EXISTS (
          SELECT FROM organization_members a WHERE a.organization_id = m.organization_id AND a.user_id = adder AND a.role IN ('owner', 'admin')))
$$;

-- A guest leaves the chats of an organisation, in all of its workspaces or in one; everybody who is a guest there, if no person is
-- named. Chats between two people go.
CREATE FUNCTION leave_as_guest(organization bigint, person bigint, workspace bigint DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM chats c WHERE c.id IN (
        SELECT m.chat_id FROM chat_members m WHERE m.guest_of = organization AND (person IS NULL OR m.user_id = person)
                                                AND (workspace IS NULL OR m.workspace_id = workspace))
    ORDER BY c.id FOR NO KEY UPDATE;
    DELETE FROM chats c USING chat_members m
    WHERE m.chat_id = c.id AND c.type = 'Single' AND m.guest_of = organization AND (person IS NULL OR m.user_id = person)
      AND (workspace IS NULL OR m.workspace_id = workspace);
    DELETE FROM chat_members m WHERE m.guest_of = organization AND (person IS NULL OR m.user_id = person)
                                 AND (workspace IS NULL OR m.workspace_id = workspace);
END
$$;
