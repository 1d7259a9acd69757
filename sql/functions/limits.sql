-- Rate limits: fixed windows in one table, so that they hold for several servers.

-- Charges one attempt to every bucket, or to none: null means go on, a number is the seconds to wait.
-- Buckets are locked in the order of their names, so that two callers cannot deadlock.
CREATE OR REPLACE FUNCTION rate_limit_charge(buckets text[], limits integer[], window_seconds integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    seconds integer;
BEGIN
    INSERT INTO rate_limits AS present (bucket, hits, window_ends)
    SELECT name, 0, now() + make_interval(secs => window_seconds) FROM unnest(buckets) AS name ORDER BY name
    ON CONFLICT (bucket) DO UPDATE SET
        hits = CASE WHEN present.window_ends > now() THEN present.hits ELSE 0 END,
        window_ends = CASE WHEN present.window_ends > now() THEN present.window_ends ELSE excluded.window_ends END;
    SELECT max(greatest(1, ceil(extract(epoch FROM window_ends - now())))) INTO seconds
    FROM rate_limits JOIN unnest(buckets, limits) AS asked (name, allowed) ON bucket = name
    WHERE hits >= allowed;
    IF seconds IS NULL THEN
        UPDATE rate_limits SET hits = hits + 1 WHERE bucket = ANY (buckets);
    END IF;
    RETURN seconds;
END
$$;

-- What an attempt at the password of a chat is charged to.
CREATE OR REPLACE FUNCTION chat_password_buckets(address text, person bigint, chat bigint) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['chatpassword:address:' || address, format('chatpassword:user:%s:%s', person, chat)]
$$;

-- Takes a count back from each bucket, for an attempt that was none at guessing. Locked as rate_limit_charge does.
CREATE OR REPLACE FUNCTION rate_limit_refund(buckets text[]) RETURNS void LANGUAGE sql AS $$
    UPDATE rate_limits SET hits = hits - 1
    FROM (SELECT bucket FROM rate_limits WHERE bucket = ANY (buckets) AND hits > 0 ORDER BY bucket FOR UPDATE) charged
    WHERE rate_limits.bucket = charged.bucket
$$;

-- What a sign-in is charged to: the client's address, and the account whether it exists or not.
-- The account is hashed, so that the table shows nobody's address.
CREATE OR REPLACE FUNCTION sign_in_buckets(address text, email text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['signin:address:' || address,
                 'signin:account:' || encode(sha256(convert_to(lower(email), 'UTF8')), 'hex')]
$$;
