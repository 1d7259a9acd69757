-- Documents of all kinds: boards.

-- Turns a general name for documents into that of a kind: for a board, 'NewDocument' becomes NewBoard, 'document_id'
-- board_id. Used for the kinds of events, members of JSON, acts of the audit log and the names of rules.
CREATE FUNCTION of_kind(said text, kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT replace(replace(said, 'document', kind), 'Document', initcap(kind))
$$;

CREATE FUNCTION refuse_deleted_document(document bigint, kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = of_kind('document_is_deleted', kind),
        MESSAGE = format('%s %s has been deleted', kind, document),
        HINT = 'Restore it first: UPDATE documents SET deleted_at = NULL …';
END
$$;

-- A new document, owned by its creator; returns it as the owner sees it.
CREATE FUNCTION create_document(creator bigint, workspace bigint, kind text, name text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    made documents;
    shown json;
BEGIN
    INSERT INTO documents (kind, workspace_id, name, created_by) VALUES (kind, workspace, name, creator) RETURNING * INTO made;
    INSERT INTO document_members (document_id, user_id, role) VALUES (made.id, creator, 'owner');
    SELECT document_json(documents, creator) INTO shown FROM documents WHERE id = made.id;
    RETURN shown;
END
$$;
