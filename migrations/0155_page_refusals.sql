-- migrate:up

-- Patches that were refused, so that their ids are refused wherever and whenever they come again: a server that was stopped
-- may still hold one. code is what its author was told, and digest tells whether it is the same patch; null if it has none.
CREATE TABLE page_refusals (
    page_id    bigint NOT NULL REFERENCES documents ON DELETE CASCADE,
    op_id      text NOT NULL,
    digest     bytea,
    user_id    bigint REFERENCES users ON DELETE SET NULL,
    code       text NOT NULL,
    refused_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (page_id, op_id),
    CONSTRAINT page_refusals_op_id_length CHECK (length(op_id) BETWEEN 1 AND 64),
    CONSTRAINT page_refusals_digest_length CHECK (length(digest) = 16),
    CONSTRAINT page_refusals_code_plain CHECK (code ~ '^[A-Z_]{1,64}$')
);
CREATE INDEX page_refusals_user_idx ON page_refusals (user_id, page_id, refused_at);
CREATE INDEX page_refusals_refused_at_idx ON page_refusals (refused_at);

-- migrate:down
DROP TABLE page_refusals;
