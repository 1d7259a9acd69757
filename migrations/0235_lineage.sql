-- migrate:up
-- The epochs that led to the present one, in order, each with its last position (ADR 94): a cursor of one of these is good
-- up to there. timeline: the one of Postgres on which the epoch ended.
CREATE TABLE log_epochs (
    no            bigint PRIMARY KEY,
    epoch         text NOT NULL,
    timeline      text NOT NULL,
    last_position bigint NOT NULL,
    ended_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT log_epochs_epoch_key UNIQUE (epoch)
);

-- migrate:down
DROP TABLE log_epochs;
