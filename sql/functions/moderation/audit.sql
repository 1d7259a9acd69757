-- The audit log: the acting user, appending, and display. The audit… triggers of each table decide what is recorded. If
-- a deletion has a cause (a chat's workspace, a member's chat), only the entry of the cause is written. Members who
-- come and go by themselves are not administrative acts.

-- The acting user of this transaction; null in psql and for a server's own work. chat_server sets it, and the client's
-- address, at the start of each transaction of a request.
CREATE FUNCTION acting_user() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('fechatter.actor', true), '')::bigint
$$;

-- Who acts for the acting user in this transaction; null: nobody does.
CREATE FUNCTION acting_delegate() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('fechatter.delegate', true), '')::bigint
$$;

-- Appends one act. Called only by triggers, and not by deferred ones: those only read. If there are both before and
-- after, only the keys that differ are stored. They must contain no secret and no content of a message.
CREATE FUNCTION audit(
    action text, workspace_id bigint DEFAULT NULL, chat_id bigint DEFAULT NULL, document_id bigint DEFAULT NULL, document_kind text DEFAULT NULL,
    target_type text DEFAULT NULL, target_id bigint DEFAULT NULL, before jsonb DEFAULT NULL, after jsonb DEFAULT NULL,
    organization_id bigint DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_log (workspace_id, chat_id, document_id, document_kind, actor_id, delegate_id, address, action, target_type, target_id, before, after,
                           organization_id)
    VALUES (workspace_id, chat_id, document_id, document_kind, acting_user(), acting_delegate(),
            nullif(current_setting('fechatter.address', true), ''), action, target_type, target_id, unlike(before, after), unlike(after, before),
            organization_id);
END
$$;

-- The values of an object that another one lacks or has differently; all of it if there is no other.
CREATE FUNCTION unlike(object jsonb, other jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN object IS NOT NULL AND other IS NOT NULL THEN
        (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(object) WHERE value IS DISTINCT FROM other -> key)
        ELSE object END
$$;

CREATE FUNCTION role_audit(role text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN role IS NOT NULL THEN jsonb_build_object('role', role) END
$$;
