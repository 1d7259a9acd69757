-- migrate:up

-- Mails that wait to be sent, and those of the last days; and the link of each that has one. A link is the row's seed and a
-- mark that only the servers' private key makes of it, so nobody who reads this table, or a backup of it, can open a link.
CREATE TABLE mails (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    recipient  text NOT NULL,
    user_id    bigint REFERENCES users ON DELETE CASCADE,
    language   text NOT NULL,
    details    jsonb NOT NULL DEFAULT '{}',
    seed       uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Until then it may be sent, and its link used.
    expires_at timestamptz NOT NULL,
    due_at     timestamptz NOT NULL DEFAULT now(),
    attempts   integer NOT NULL DEFAULT 0,
    sent_at    timestamptz,
    failed_at  timestamptz,
    error      text,
    used_at    timestamptz,
    CONSTRAINT mails_kind_known CHECK (kind IN ('password_reset', 'verify_address', 'new_address', 'old_address', 'new_device')),
    CONSTRAINT mails_language_known CHECK (language IN ('en', 'zh')),
    CONSTRAINT mails_recipient_length CHECK (length(recipient) BETWEEN 3 AND 254),
    -- Only whether an account has the address that was typed in is left to the server that sends the mail.
    CONSTRAINT mails_user CHECK (user_id IS NOT NULL OR kind = 'password_reset'),
    CONSTRAINT mails_ended_once CHECK (num_nonnulls(sent_at, failed_at) <= 1),
    CONSTRAINT mails_error_length CHECK (length(error) <= 300)
);
CREATE INDEX mails_due_at_idx ON mails (due_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX mails_user_id_idx ON mails (user_id);
CREATE INDEX mails_expires_at_idx ON mails (expires_at);

-- migrate:down
DROP TABLE mails;
