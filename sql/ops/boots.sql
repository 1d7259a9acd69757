-- Clients that start cold: how many may, in a second.

CREATE VIEW ops.boot_limit AS
SELECT per_second, set_at, coalesce((SELECT hits FROM public.rate_limits
                                     WHERE bucket = 'boots:all' AND window_ends > now()), 0) AS this_second
FROM public.boot_limit;
COMMENT ON VIEW ops.boot_limit IS 'How many clients may start cold in a second, over all servers, and how many places servers have taken in this one. No row: no limit.';

CREATE FUNCTION ops.set_boot_limit(per_second integer, OUT allowed text) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF per_second IS NULL THEN
        DELETE FROM boot_limit;
    ELSE
        INSERT INTO boot_limit AS b (per_second) VALUES (set_boot_limit.per_second)
        ON CONFLICT (singleton) DO UPDATE SET per_second = excluded.per_second, set_at = now();
    END IF;
    allowed := coalesce(set_boot_limit.per_second::text, 'any');
END
$$;
COMMENT ON FUNCTION ops.set_boot_limit IS 'Limits how many clients start cold in a second, over all servers, from now on; others come back later, and streams that resume are not concerned. NULL: no limit.';
