-- migrate:up

-- What a member has reported. message is what it said then, also where it or its chat has been deleted since; retention
-- takes it (null). So neither chat nor message is referred to.
CREATE TABLE reports (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    chat_id      bigint NOT NULL,
    message_id   bigint NOT NULL,
    message      json,
    reporter_id  bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    reason       text NOT NULL,
    comment      text NOT NULL DEFAULT '',
    status       text NOT NULL DEFAULT 'open',
    note         text NOT NULL DEFAULT '',
    handled_by   bigint,
    handled_at   timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reports_reporter_message_key UNIQUE (reporter_id, message_id),
    CONSTRAINT reports_reason_known CHECK (reason IN ('spam', 'harassment', 'hate', 'violence', 'sexual', 'illegal', 'other')),
    CONSTRAINT reports_comment_length CHECK (length(comment) <= 1000),
    CONSTRAINT reports_status_known CHECK (status IN ('open', 'resolved', 'dismissed')),
    CONSTRAINT reports_note_length CHECK (length(note) <= 1000)
);
CREATE INDEX reports_workspace_idx ON reports (workspace_id, id);
CREATE INDEX reports_open_idx ON reports (workspace_id, id) WHERE status = 'open';
CREATE INDEX reports_chat_idx ON reports (chat_id);

-- One more audience: admins, those of workspace_ids who are admin or owner.
ALTER TABLE events DROP CONSTRAINT events_audience_known;
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'admins' THEN workspace_ids IS NOT NULL
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);

-- migrate:down
DROP TABLE reports;
DELETE FROM events WHERE audience = 'admins';
ALTER TABLE events DROP CONSTRAINT events_audience_known;
ALTER TABLE events ADD CONSTRAINT events_audience_known CHECK (
    CASE audience
        WHEN 'chat' THEN chat_id IS NOT NULL
        WHEN 'workspaces' THEN workspace_ids IS NOT NULL
        WHEN 'user' THEN user_id IS NOT NULL
        ELSE false
    END);
