-- Online time.

CREATE VIEW ops.online_time AS
SELECT o.day, u.email, u.time_zone, public.seconds_of(o.shown) AS seconds, make_interval(secs => public.seconds_of(o.shown)) AS online
FROM public.online_days o JOIN public.users u ON u.id = o.user_id
WHERE o.shown <> '{}'
ORDER BY o.day DESC, u.email;
COMMENT ON VIEW ops.online_time IS 'How long people were online, by day of their time zone, without the time in which they were invisible. Nothing while features.enable_online_statistics is off.';
