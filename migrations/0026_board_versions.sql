-- migrate:up

-- What was on a board once, under a name: all of it as one update, when the board had had seq updates.
CREATE TABLE board_versions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    board_id   bigint NOT NULL REFERENCES boards ON DELETE CASCADE,
    name       text NOT NULL,
    seq        bigint NOT NULL,
    state      bytea NOT NULL,
    created_by bigint REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT board_versions_name_length CHECK (length(name) <= 80 AND btrim(name) <> ''),
    CONSTRAINT board_versions_seq_range CHECK (seq >= 0),
    CONSTRAINT board_versions_state_length CHECK (length(state) BETWEEN 2 AND 268435456)
);
CREATE INDEX board_versions_board_idx ON board_versions (board_id, id);
CREATE INDEX board_versions_created_by_idx ON board_versions (created_by);

-- migrate:down
DELETE FROM events WHERE kind IN ('BoardVersionUpdated', 'BoardVersionDeleted');
DROP TABLE board_versions;
