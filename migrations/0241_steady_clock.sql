-- migrate:up

-- The time up to which what is old may be destroyed; it follows the clock in small steps (clock.sql).
CREATE TABLE steady_clock (
    singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    reached_at timestamptz NOT NULL DEFAULT now(),
    looked_at  timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO steady_clock DEFAULT VALUES;

-- migrate:down
DROP TABLE steady_clock;
