-- migrate:up

-- How a member wants to hear of a chat. muted_until in the past, or null: not muted; for good is the end of the year 9999.
ALTER TABLE chat_members
    ADD COLUMN read_at timestamptz,
    ADD COLUMN notification_level text NOT NULL DEFAULT 'all',
    ADD COLUMN muted_until timestamptz,
    ADD CONSTRAINT chat_members_notification_level_known CHECK (notification_level IN ('all', 'mentions', 'none')),
    ADD CONSTRAINT chat_members_muted_until_range CHECK (muted_until >= '1970-01-01Z' AND muted_until < '10000-01-01Z');

-- What somebody has begun to write, on whichever device. It goes with the membership.
CREATE TABLE drafts (
    chat_id    bigint NOT NULL,
    user_id    bigint NOT NULL,
    content    text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (chat_id, user_id),
    CONSTRAINT drafts_member_fkey FOREIGN KEY (chat_id, user_id) REFERENCES chat_members ON DELETE CASCADE,
    CONSTRAINT drafts_content_length CHECK (length(content) <= 10000 AND btrim(content, E' \t\r\n') <> '')
);

-- migrate:down
DROP TABLE drafts;
ALTER TABLE chat_members DROP COLUMN read_at, DROP COLUMN notification_level, DROP COLUMN muted_until;
