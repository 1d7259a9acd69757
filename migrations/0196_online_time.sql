-- migrate:up

-- Where a person's days begin and end: a name of the IANA time zone database.
ALTER TABLE users
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
    -- When they last stopped being invisible.
    ADD COLUMN hidden_until timestamptz,
    ADD CONSTRAINT users_time_zone_length CHECK (length(time_zone) BETWEEN 1 AND 64);

-- Up to when the time of this stream is in online_days.
ALTER TABLE streams ADD COLUMN settled_at timestamptz NOT NULL DEFAULT now();

-- When a person was online on a day of theirs: with at least one stream, by the database's clock. `hidden` is the part in
-- which they were invisible.
CREATE TABLE online_days (
    user_id bigint NOT NULL CONSTRAINT online_days_user_exists REFERENCES users ON DELETE CASCADE,
    day     date NOT NULL,
    shown   tstzmultirange NOT NULL DEFAULT '{}',
    hidden  tstzmultirange NOT NULL DEFAULT '{}',
    PRIMARY KEY (user_id, day)
);
CREATE INDEX online_days_day_idx ON online_days (day);

-- migrate:down
DROP TABLE online_days;
ALTER TABLE streams DROP COLUMN settled_at;
ALTER TABLE users DROP COLUMN time_zone, DROP COLUMN hidden_until;
