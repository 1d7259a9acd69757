-- migrate:up

-- A comment on a component of a page, or a reply to one. version is the page's version that its author was looking at, by
-- which a comment on a component that has changed or gone can still be shown with what it was about. reply_to is the first
-- comment of its thread, which alone can be resolved.
CREATE TABLE page_comments (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    page_id      bigint NOT NULL REFERENCES documents ON DELETE CASCADE,
    component_id text NOT NULL,
    version      bigint NOT NULL,
    reply_to     bigint REFERENCES page_comments ON DELETE CASCADE,
    author_id    bigint REFERENCES users ON DELETE SET NULL,
    content      text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz,
    resolved_at  timestamptz,
    resolved_by  bigint REFERENCES users ON DELETE SET NULL,
    CONSTRAINT page_comments_component_id_length CHECK (length(component_id) BETWEEN 1 AND 128),
    CONSTRAINT page_comments_content_length CHECK (length(content) BETWEEN 1 AND 4000 AND content ~ '\S'),
    CONSTRAINT page_comments_resolution CHECK (resolved_at IS NOT NULL OR resolved_by IS NULL),
    CONSTRAINT page_comments_replies_follow CHECK (reply_to IS NULL OR resolved_at IS NULL)
);
CREATE INDEX page_comments_page_idx ON page_comments (page_id, id);
CREATE INDEX page_comments_reply_to_idx ON page_comments (reply_to) WHERE reply_to IS NOT NULL;
CREATE INDEX page_comments_author_idx ON page_comments (author_id);
CREATE INDEX page_comments_resolved_by_idx ON page_comments (resolved_by) WHERE resolved_by IS NOT NULL;

-- migrate:down
DELETE FROM events WHERE kind ~ '^PageComment';
DROP TABLE page_comments;
