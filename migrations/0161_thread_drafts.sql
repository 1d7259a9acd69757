-- migrate:up

-- What somebody has begun to reply in a thread, one draft each. It goes with the thread, and with their membership.
CREATE TABLE thread_drafts (
    thread_id  bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    user_id    bigint NOT NULL,
    chat_id    bigint NOT NULL,
    content    text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (thread_id, user_id),
    CONSTRAINT thread_drafts_member_fkey FOREIGN KEY (chat_id, user_id) REFERENCES chat_members ON DELETE CASCADE,
    CONSTRAINT thread_drafts_content_length CHECK (length(content) <= 10000 AND btrim(content, E' \t\r\n') <> '')
);
CREATE INDEX thread_drafts_user_idx ON thread_drafts (user_id, chat_id);

-- migrate:down
DROP TABLE thread_drafts;
