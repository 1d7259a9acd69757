-- A report as in events: without the reported message, which only REST returns.
CREATE FUNCTION report_event_json(r reports) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT r.id, r.workspace_id, r.chat_id, r.message_id, r.reporter_id, r.reason, r.comment, r.status, r.note,
               r.handled_by, r.handled_at, r.created_at, r.updated_at
    ) shape
$$;

-- As admins see it.
CREATE FUNCTION report_json(r reports) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT r.id, r.workspace_id, r.chat_id, r.message_id, r.reporter_id, r.reason, r.comment, r.status, r.note,
               r.handled_by, r.handled_at, r.created_at, r.updated_at, r.message
    ) shape
$$;

-- As its maker sees it: without who handles it, and their notes.
CREATE FUNCTION own_report_json(r reports) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT r.id, r.workspace_id, r.chat_id, r.message_id, r.reason, r.comment, r.status, r.created_at
    ) shape
$$;
