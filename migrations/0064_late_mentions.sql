-- migrate:up

-- The seqs of messages that mention a member since an edit that came after they had read them: unread until they read again.
ALTER TABLE chat_members ADD COLUMN late_mentions bigint[];

-- migrate:down
ALTER TABLE chat_members DROP COLUMN late_mentions;
