-- migrate:up

-- Whom a message mentions, found in its text when it is written and edited: people, and 'all' or 'here'; null: nobody.
ALTER TABLE messages
    ADD COLUMN mentions bigint[],
    ADD COLUMN mentions_everyone text,
    ADD CONSTRAINT messages_mentions_everyone_known CHECK (mentions_everyone IN ('all', 'here'));

-- The same, to be found by who is mentioned: a row a person, and one without for everyone. Kept by triggers alone.
CREATE TABLE mentions (
    message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    chat_id    bigint NOT NULL,
    seq        bigint NOT NULL,
    user_id    bigint,
    CONSTRAINT mentions_message_user_key UNIQUE NULLS NOT DISTINCT (message_id, user_id)
);
CREATE INDEX mentions_unread_idx ON mentions (chat_id, user_id, seq);
CREATE INDEX mentions_newest_idx ON mentions (chat_id, user_id, message_id);

-- migrate:down
DROP TABLE mentions;
ALTER TABLE messages DROP COLUMN mentions, DROP COLUMN mentions_everyone;
