-- migrate:up

-- Updates on which npm's Yjs fails, taken out of board_updates so that their boards go on without them. Kept until somebody
-- releases or deletes them.
CREATE TABLE board_quarantine (
    board_id       bigint NOT NULL REFERENCES boards ON DELETE CASCADE,
    seq            bigint NOT NULL,
    user_id        bigint REFERENCES users ON DELETE SET NULL,
    origin         text NOT NULL,
    data           bytea NOT NULL,
    created_at     timestamptz NOT NULL,
    reason         text NOT NULL,
    quarantined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (board_id, seq),
    CONSTRAINT board_quarantine_reason_length CHECK (length(reason) <= 1000)
);
CREATE INDEX board_quarantine_user_idx ON board_quarantine (user_id);

-- migrate:down
DELETE FROM events WHERE kind = 'BoardUpdateQuarantined';
DROP TABLE board_quarantine;
