-- migrate:up
-- How many clients may start cold in a second, over all servers (ADR 96). No row: as many as come.
CREATE TABLE boot_limit (
    singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    per_second integer NOT NULL,
    set_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT boot_limit_per_second_range CHECK (per_second BETWEEN 1 AND 1000000)
);

-- migrate:down
DROP TABLE boot_limit;
