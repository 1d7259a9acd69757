-- name: announcement_publish(organization, author, title, content, acknowledgement_required, departments, groups)
-- A new announcement; triggers find whom it reaches.
INSERT INTO announcements (organization_id, author_id, title, content, acknowledgement_required, department_ids, group_ids)
VALUES (:organization, :author, :title, :content, :acknowledgement_required, :departments, :groups) RETURNING id;

-- name: announcement_published(organization, announcement)
-- One of the organisation's announcements, as those who publish see it.
SELECT published_announcement_json(a)::text FROM announcements a WHERE id = :announcement AND organization_id = :organization;

-- name: announcements_published(organization, before, limit)
-- A page of the organisation's announcements, newest first: below an id, or from the newest.
WITH page AS (
    SELECT a.id, published_announcement_json(a) AS item FROM announcements a
    WHERE organization_id = :organization AND (:before::bigint IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: announcement_change(organization, announcement, title, content, ask_again)
-- Null leaves a title or content as it is; null if there is none that is not withdrawn.
SELECT id FROM change_announcement(:organization, :announcement, :title, :content, :ask_again);

-- name: announcement_withdraw(organization, announcement)
-- Takes it back; one that is withdrawn stays so.
UPDATE announcements SET withdrawn_at = coalesce(withdrawn_at, now())
WHERE id = :announcement AND organization_id = :organization RETURNING id;

-- name: announcement_recipients(organization, announcement, acknowledged, after, limit)
-- A page of those whom it reaches, by user id: all, or those who have acknowledged it, or who have not.
WITH page AS (
    SELECT r.user_id AS id, row_to_json(shape) AS item
    FROM announcement_recipients r CROSS JOIN LATERAL (
        SELECT r.announcement_id, r.user_id, username, fullname, r.acknowledged_at FROM users WHERE users.id = r.user_id) shape
    WHERE r.announcement_id = :announcement AND r.organization_id = :organization AND r.user_id > :after
      AND (:acknowledged::boolean IS NULL OR (r.acknowledged_at IS NOT NULL) = :acknowledged)
    ORDER BY r.user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: announcements_for(user, acknowledged, before, limit)
-- A page of what organisations in which the feature is on tell a user, newest first: all, or what they have acknowledged, or
-- have not.
WITH page AS (
    SELECT a.id, announcement_json(a, r.acknowledged_at) AS item
    FROM announcement_recipients r JOIN announcements a ON a.id = r.announcement_id
    WHERE r.user_id = :user AND a.withdrawn_at IS NULL AND (:acknowledged::boolean IS NULL OR (r.acknowledged_at IS NOT NULL) = :acknowledged)
      AND (:before::bigint IS NULL OR a.id < :before) AND feature_enabled('enable_organizations', a.organization_id)
    ORDER BY a.id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: announcement_for(user, announcement)
-- One that reaches a user and is not withdrawn.
SELECT announcement_json(a, r.acknowledged_at)::text FROM announcement_recipients r JOIN announcements a ON a.id = r.announcement_id
WHERE r.user_id = :user AND a.id = :announcement AND a.withdrawn_at IS NULL AND feature_enabled('enable_organizations', a.organization_id);

-- name: announcement_acknowledge(user, announcement)
-- The user has read it; repeating this changes nothing. False if it does not reach them.
SELECT acknowledge_announcement(:announcement, :user);
