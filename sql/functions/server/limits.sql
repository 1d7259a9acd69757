-- Rate limits: fixed windows in one table, so that they hold for all processes together.

-- Opens a window for every bucket that has none, and locks all, in the order of their names, so that two callers cannot
-- deadlock.
CREATE FUNCTION rate_limit_open(buckets text[], window_seconds integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rate_limits AS present (bucket, hits, window_ends)
    SELECT name, 0, now() + make_interval(secs => window_seconds) FROM unnest(buckets) AS name ORDER BY name
    ON CONFLICT (bucket) DO UPDATE SET
        hits = CASE WHEN present.window_ends > now() THEN present.hits ELSE 0 END,
        window_ends = CASE WHEN present.window_ends > now() THEN present.window_ends ELSE excluded.window_ends END
$$;

-- Charges one attempt to every bucket, or to none: null means that it is allowed, a number is the seconds to wait.
CREATE FUNCTION rate_limit_charge(buckets text[], limits integer[], window_seconds integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    seconds integer;
BEGIN
    PERFORM rate_limit_open(buckets, window_seconds);
    SELECT max(greatest(1, ceil(extract(epoch FROM window_ends - now())))) INTO seconds
    FROM rate_limits JOIN unnest(buckets, limits) AS asked (name, allowed) ON bucket = name
    WHERE hits >= allowed;
    IF seconds IS NULL THEN
        UPDATE rate_limits SET hits = hits + 1 WHERE bucket = ANY (buckets);
    END IF;
    RETURN seconds;
END
$$;

-- The buckets for an attempt at the password of a chat.
CREATE FUNCTION chat_password_buckets(address text, person bigint, chat bigint) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['chatpassword:address:' || address, format('chatpassword:user:%s:%s', person, chat)]
$$;

-- The bucket for an attempt at a user's second factor, which takes their password: a device on which they have signed in
-- before is charged only for its own, so whoever knows the password alone cannot lock its owner out.
CREATE FUNCTION factor_buckets(person bigint, device bytea) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY['factor:user:' || person
                 || coalesce((SELECT ':device:' || encode(hash, 'hex') FROM devices WHERE user_id = person AND hash = device), '')]
$$;

-- Reverts a count in each bucket, for an attempt that was not a wrong guess. Locked as in rate_limit_charge.
CREATE FUNCTION rate_limit_refund(buckets text[]) RETURNS void LANGUAGE sql AS $$
    UPDATE rate_limits SET hits = hits - 1
    FROM (SELECT bucket FROM rate_limits WHERE bucket = ANY (buckets) AND hits > 0 ORDER BY bucket FOR UPDATE) charged
    WHERE rate_limits.bucket = charged.bucket
$$;

-- Takes a part of each bucket's quota in advance, for a process that counts by itself: what is needed now and up to a
-- twentieth of the quota more, less if little is left, so that others get some too. A row for each bucket, in their
-- order: granted, what is free after that, and when the window ends.
CREATE FUNCTION rate_limit_lease(buckets text[], needed integer[], quotas integer[], window_seconds integer)
RETURNS TABLE (granted integer, free integer, window_ends timestamptz, seconds float8) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM rate_limit_open(buckets, window_seconds);
    RETURN QUERY
    WITH asked AS (
        SELECT place, bucket, window_ends, greatest(quota - hits, 0) AS free, need, quota
        FROM unnest(buckets, needed, quotas) WITH ORDINALITY AS item (name, need, quota, place)
        JOIN rate_limits ON bucket = name
    ), granted AS (
        SELECT *, least(free, need + least(quota / 20, greatest(free - need, 0) / 4)) AS amount FROM asked
    ), taken AS (
        UPDATE rate_limits SET hits = hits + amount FROM granted WHERE rate_limits.bucket = granted.bucket AND amount > 0
    )
    SELECT amount, free - amount, window_ends, extract(epoch FROM window_ends - now())::float8
    FROM granted ORDER BY place;
END
$$;

-- The same for the bucket of boots alone: who may count these may touch no other.
CREATE FUNCTION boot_lease(buckets text[], needed integer[], quotas integer[], window_seconds integer)
RETURNS TABLE (granted integer, free integer, window_ends timestamptz, seconds float8) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF buckets <> ARRAY['boots:all'] THEN
        RAISE insufficient_privilege USING MESSAGE = 'boot_lease counts boots alone';
    END IF;
    RETURN QUERY SELECT * FROM rate_limit_lease(buckets, needed, quotas, window_seconds);
END
$$;

-- The buckets for a guess at the password of an account.
CREATE FUNCTION guess_buckets(address text, name text, device bytea, device_is_known boolean) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN device_is_known
           THEN ARRAY[account || ':device:' || encode(device, 'hex')]
           ELSE ARRAY[account || ':address:' || address, account, 'signin:address:' || address] END
    FROM concat('signin:account:', encode(sha256(convert_to(name, 'UTF8')), 'hex')) AS account
$$;

-- The buckets for a sign-in, whether the account exists or not. A device that has signed in to it before is charged
-- only for its own guesses. Others are charged for the account from their address, for the account, and for the
-- address. The account is hashed, so that the table does not reveal addresses.
CREATE FUNCTION sign_in_buckets(address text, email text, device bytea) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT guess_buckets(address, lower(email), device, EXISTS (
        SELECT FROM devices JOIN users ON users.id = devices.user_id
        WHERE lower(users.email) = lower(sign_in_buckets.email) AND devices.hash = device))
$$;

-- The same for a sign-in at a directory. `subject` is the person's there, so that all names by which they can sign in
-- count as one; for nobody, the name that was tried.
CREATE FUNCTION directory_sign_in_buckets(address text, provider text, subject text, device bytea)
RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT guess_buckets(address, concat_ws(chr(31), provider, lower(subject)), device, EXISTS (
        SELECT FROM devices JOIN identities i ON i.user_id = devices.user_id
        WHERE (i.provider, i.issuer, i.subject) = (directory_sign_in_buckets.provider, 'ldap', directory_sign_in_buckets.subject)
          AND devices.hash = device))
$$;
