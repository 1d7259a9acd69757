-- migrate:up

-- In the order in which mails are taken: what tells of messages comes last.
CREATE INDEX mails_waiting_idx ON mails ((kind IN ('notification', 'digest')), due_at)
    WHERE sent_at IS NULL AND failed_at IS NULL AND used_at IS NULL;
DROP INDEX mails_due_at_idx;

-- migrate:down
CREATE INDEX mails_due_at_idx ON mails (due_at) WHERE sent_at IS NULL AND failed_at IS NULL;
DROP INDEX mails_waiting_idx;
