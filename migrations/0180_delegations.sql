-- migrate:up

-- Somebody may act for somebody else: a delegate for a principal, in what is listed, in one place or in all, from a moment
-- to another, once the delegate has accepted. Without a place: wherever the principal may, but for Single chats.
CREATE TABLE delegations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal_id bigint NOT NULL CONSTRAINT delegations_principal_exists REFERENCES users ON DELETE CASCADE,
    delegate_id  bigint NOT NULL CONSTRAINT delegations_delegate_exists REFERENCES users ON DELETE CASCADE,
    permissions  text[] NOT NULL,
    workspace_id bigint CONSTRAINT delegations_workspace_exists REFERENCES workspaces ON DELETE CASCADE,
    chat_id      bigint CONSTRAINT delegations_chat_exists REFERENCES chats ON DELETE CASCADE,
    document_id  bigint CONSTRAINT delegations_document_exists REFERENCES documents ON DELETE CASCADE,
    starts_at    timestamptz NOT NULL DEFAULT now(),
    ends_at      timestamptz NOT NULL,
    reason       text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    accepted_at  timestamptz,
    revoked_at   timestamptz,
    CONSTRAINT delegations_to_another CHECK (principal_id <> delegate_id),
    CONSTRAINT delegations_permissions_amount CHECK (cardinality(permissions) BETWEEN 1 AND 64),
    CONSTRAINT delegations_one_place CHECK (num_nonnulls(workspace_id, chat_id, document_id) <= 1),
    CONSTRAINT delegations_end_after_start CHECK (ends_at > starts_at),
    -- 180 days, of 24 hours each, so that the check depends on no zone.
    CONSTRAINT delegations_length CHECK (ends_at <= starts_at + interval '4320 hours'),
    CONSTRAINT delegations_start_soon CHECK (starts_at <= created_at + interval '8784 hours'),
    CONSTRAINT delegations_reason_length CHECK (char_length(reason) <= 500)
);
CREATE INDEX delegations_principal_idx ON delegations (principal_id, id) WHERE revoked_at IS NULL;
CREATE INDEX delegations_delegate_idx ON delegations (delegate_id, principal_id) WHERE revoked_at IS NULL;
CREATE INDEX delegations_workspace_idx ON delegations (workspace_id) WHERE workspace_id IS NOT NULL;
CREATE INDEX delegations_chat_idx ON delegations (chat_id) WHERE chat_id IS NOT NULL;
CREATE INDEX delegations_document_idx ON delegations (document_id) WHERE document_id IS NOT NULL;

-- Who has written a message in its sender's name; null: the sender. It refers to nothing, so that posting checks no more
-- than it did.
ALTER TABLE messages ADD COLUMN delegate_id bigint,
    ADD CONSTRAINT messages_delegate_is_another CHECK (delegate_id <> sender_id);

-- Who has acted for the actor.
ALTER TABLE audit_log ADD COLUMN delegate_id bigint;

-- migrate:down
ALTER TABLE audit_log DROP COLUMN delegate_id;
ALTER TABLE messages DROP COLUMN delegate_id;
DROP TABLE delegations;
