-- A clock for what cannot be undone. The clock of Postgres' machine may jump: whatever age would destroy (days of the
-- log, messages past their retention, keys of requests) counts to steady_now(), which a jump does not move.

-- How far one look at the clock moves the steady one. One of all chat_servers looks in a minute, so it catches up ten
-- times as fast as time passes: an hour in which no server ran takes six minutes, and a clock that is wrong for a minute
-- ages nothing by more than ten.
CREATE FUNCTION steady_step() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '10 minutes' $$;

-- The time that has certainly come: never after the clock's, and at most a minute before it while nothing jumps.
CREATE FUNCTION steady_now() RETURNS timestamptz LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT least(now(), reached_at) FROM steady_clock
$$;

-- One look at the clock, unless another server has looked within the time `apart`; returns the time that it has reached.
-- A clock that goes back takes it along, which destroys nothing.
CREATE FUNCTION advance_steady_clock(apart interval DEFAULT '0') RETURNS timestamptz LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE steady_clock SET reached_at = least(now(), reached_at + steady_step()), looked_at = now()
    WHERE looked_at NOT BETWEEN now() - apart AND now() + apart OR apart = '0'; -- who began later may have looked before
    SELECT reached_at FROM steady_clock
$$;
