-- migrate:up

-- Mails that tell people of messages, and digests of these. `details` has the messages' ids alone: what they say is read
-- when the mail is sent.
ALTER TABLE mails
    DROP CONSTRAINT mails_kind_known,
    ADD CONSTRAINT mails_kind_known CHECK (
        kind IN ('password_reset', 'verify_address', 'new_address', 'old_address', 'new_device', 'subscription_disabled',
                 'notification', 'digest'));

-- The messages that somebody is told of by mail. due_at: when it is decided whether they are; null: it has been, and the row
-- stays so that nobody is told twice.
CREATE TABLE mail_notices (
    user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    message_id bigint NOT NULL,
    chat_id    bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    due_at     timestamptz,
    PRIMARY KEY (user_id, message_id)
);
CREATE INDEX mail_notices_due_at_idx ON mail_notices (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mail_notices_created_at_idx ON mail_notices (created_at);

-- Up to where the log has been read for them.
CREATE TABLE mail_notice_state (
    singleton boolean PRIMARY KEY DEFAULT true,
    position  bigint NOT NULL,
    CONSTRAINT mail_notice_state_singleton CHECK (singleton)
);
INSERT INTO mail_notice_state (position) SELECT greatest((SELECT max(position) FROM events), (SELECT floor FROM log_state), 0);

-- Addresses to which mail cannot be delivered: none is sent there but links that somebody asks for, until the user has
-- confirmed the address again, or has another one.
CREATE TABLE mail_bounces (
    user_id    bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    address    text NOT NULL,
    bounced_at timestamptz NOT NULL DEFAULT now(),
    status     text NOT NULL,
    reason     text NOT NULL,
    CONSTRAINT mail_bounces_address_length CHECK (length(address) BETWEEN 3 AND 254),
    CONSTRAINT mail_bounces_status_length CHECK (length(status) <= 20),
    CONSTRAINT mail_bounces_reason_length CHECK (length(reason) <= 300)
);

-- Replies that were posted, by a digest of their Message-ID: a mail that comes again is not posted again.
CREATE TABLE received_mails (
    digest      bytea PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT received_mails_digest_length CHECK (length(digest) = 32)
);
CREATE INDEX received_mails_received_at_idx ON received_mails (received_at);

-- migrate:down
DROP TABLE received_mails, mail_bounces, mail_notice_state, mail_notices;
DELETE FROM mails WHERE kind IN ('notification', 'digest');
ALTER TABLE mails
    DROP CONSTRAINT mails_kind_known,
    ADD CONSTRAINT mails_kind_known CHECK (
        kind IN ('password_reset', 'verify_address', 'new_address', 'old_address', 'new_device', 'subscription_disabled'));
