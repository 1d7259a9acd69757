-- migrate:up

-- What people did on a board, as their clients sent it: Yjs updates, numbered without holes. last_seq is moved by
-- board_append() alone. origin is the notify_server that took it, so that it does not relay it again.
ALTER TABLE boards ADD COLUMN last_seq bigint NOT NULL DEFAULT 0;
CREATE TABLE board_updates (
    board_id   bigint NOT NULL REFERENCES boards ON DELETE CASCADE,
    seq        bigint NOT NULL,
    user_id    bigint REFERENCES users ON DELETE SET NULL,
    origin     text NOT NULL,
    data       bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (board_id, seq),
    CONSTRAINT board_updates_seq_range CHECK (seq > 0),
    CONSTRAINT board_updates_data_length CHECK (length(data) >= 2)
);
CREATE INDEX board_updates_user_idx ON board_updates (user_id, created_at);

-- All updates up to seq as one, made through a document, so that what was deleted takes no room. vector and deletions
-- say what is in it: its state vector, and an update that only deletes. pending: some of it waits for updates that have
-- not come yet.
CREATE TABLE board_snapshots (
    board_id  bigint PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    seq       bigint NOT NULL,
    state     bytea NOT NULL,
    vector    bytea NOT NULL,
    deletions bytea NOT NULL,
    pending   boolean NOT NULL,
    made_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT board_snapshots_seq_range CHECK (seq > 0)
);

-- migrate:down
DROP TABLE board_snapshots, board_updates;
ALTER TABLE boards DROP COLUMN last_seq;
