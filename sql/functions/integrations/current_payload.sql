-- An event as it is sent now: messages that were edited since have their new content, as those that were deleted have
-- none (log_redact).
CREATE FUNCTION current_payload(kind text, message bigint, created timestamptz, payload json) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF message IS NOT NULL THEN
        RETURN coalesce((SELECT message_json(m) FROM messages m WHERE m.id = message AND m.updated_at IS NOT NULL), payload);
    ELSIF kind <> 'NewChat' OR payload -> 'messages' IS NULL THEN
        RETURN payload;
    END IF;
    RETURN (
        SELECT json_object_agg(key, CASE key WHEN 'messages' THEN (
            SELECT coalesce(array_to_json(array_agg(coalesce(message_json(m), shown) ORDER BY number)), '[]')
            FROM json_array_elements(value) WITH ORDINALITY AS listed (shown, number)
            LEFT JOIN messages m ON m.id = (shown ->> 'id')::bigint AND m.updated_at IS NOT NULL
        ) ELSE value END) FROM json_each(payload));
END
$$;
