-- A page has at most this many comments, replies included.
CREATE FUNCTION page_comments_most() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 5000';

CREATE FUNCTION page_comment_json(c page_comments) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT c.id, c.page_id, c.component_id, c.version, c.reply_to, c.author_id, c.content, c.created_at, c.updated_at,
               c.resolved_at, c.resolved_by
    ) shape
$$;

-- The same without its text, for the log.
CREATE FUNCTION page_comment_event_json(c page_comments) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT c.id, c.page_id, c.component_id, c.version, c.reply_to, c.author_id, c.created_at, c.updated_at,
               c.resolved_at, c.resolved_by
    ) shape
$$;
