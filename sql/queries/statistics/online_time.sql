-- name: online_settle()
-- Adds the time of open streams to their people's days, unless another server is at it.
SELECT settle_online_time() WHERE pg_try_advisory_xact_lock(hashtext('fechatter.online_time'));

-- name: online_expire(retention_days)
-- Forgets days that are over for longer than this; how many.
SELECT expire_online_days(:retention_days);

-- name: online_own(person, since, until)
-- What a person sees of their own online time.
SELECT coalesce(json_agg(json_build_object('day', day, 'seconds', seconds) ORDER BY day), '[]')::text AS days, coalesce(sum(seconds), 0)::bigint AS seconds,
       (SELECT fullname FROM users WHERE id = :person) AS name
FROM own_online_time(:person, :since, :until);

-- name: online_of_organization(organization, by_what, since, until, after, limit)
-- A page of an organisation's online time, an item for each person or department, by its id and with its name, or one for all.
WITH groups AS (
    SELECT 1 + coalesce(user_id, department_id, 0) AS id, user_id, department_id, max(people) AS people, sum(seconds)::bigint AS seconds,
           json_agg(json_build_object('day', day, 'people', people, 'seconds', seconds) ORDER BY day) AS days
    FROM online_statistics(:organization, :by_what, :since, :until) GROUP BY user_id, department_id
), page AS (
    SELECT id, row_to_json(shape) AS item FROM groups CROSS JOIN LATERAL (
        SELECT groups.user_id, groups.department_id,
               CASE WHEN groups.user_id IS NOT NULL THEN (SELECT fullname FROM users u WHERE u.id = groups.user_id)
                    ELSE (SELECT name FROM departments d WHERE d.id = groups.department_id) END AS name,
               groups.people, groups.seconds, groups.days) shape
    WHERE id > :after ORDER BY id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: time_zone_set(user, zone)
-- Where the user's days begin and end.
UPDATE users SET time_zone = :zone WHERE id = :user;
