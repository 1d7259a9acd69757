-- Announcements of organisations.

-- As it is in events and in GET /api/sync, the same for all whom it reaches. Its content is asked for.
CREATE FUNCTION open_announcement_json(a announcements) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT a.id, a.organization_id, a.author_id, a.title, a.acknowledgement_required, a.created_at, a.updated_at
    ) shape
$$;

-- As one whom it reaches reads it.
CREATE FUNCTION announcement_json(a announcements, acknowledged_at timestamptz) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT a.id, a.organization_id, a.author_id, a.title, a.content, a.acknowledgement_required, a.created_at, a.updated_at, acknowledged_at
    ) shape
$$;

-- As those who publish see it: whom it was for, and how many of them have acknowledged it.
CREATE FUNCTION published_announcement_json(a announcements) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT a.id, a.organization_id, a.author_id, a.title, a.content, a.acknowledgement_required, a.department_ids, a.group_ids,
               counted.recipient_count, counted.acknowledged_count,
               a.created_at, a.updated_at, a.withdrawn_at
        FROM (SELECT count(*) AS recipient_count, count(r.acknowledged_at) AS acknowledged_count
              FROM announcement_recipients r WHERE r.announcement_id = a.id) counted
    ) shape
$$;

-- The announcements that are open for a user, by id.
CREATE FUNCTION announcements_of(person bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_to_json(array_agg(open_announcement_json(a) ORDER BY a.id)), '[]')
    FROM announcement_recipients r JOIN announcements a ON a.id = r.announcement_id
    WHERE r.user_id = person AND r.acknowledged_at IS NULL AND a.withdrawn_at IS NULL
$$;

-- Gathers one event for each of these users, all with the same payload, in one statement.
CREATE FUNCTION tell_people(kind text, payload json, people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    batch CONSTANT bigint := log_new_batch();
BEGIN
    INSERT INTO log_pending (first, batch, opens_batch, kind, audience, payload, user_id)
    SELECT false, batch, number = 1, tell_people.kind, 'user', tell_people.payload, person
    FROM unnest(people) WITH ORDINALITY AS told (person, number) ORDER BY number;
END
$$;

CREATE FUNCTION announcement_closed_json(announcement bigint, organization bigint) RETURNS json LANGUAGE sql IMMUTABLE AS $$
    SELECT json_build_object('id', announcement, 'organization_id', organization)
$$;

-- Changes one that is not withdrawn; null leaves a title or content as it is. With `ask_again` those who have acknowledged it are
-- asked once more. Null if there is none.
CREATE FUNCTION change_announcement(organization bigint, announcement bigint, title text, content text, ask_again boolean)
RETURNS announcements LANGUAGE plpgsql AS $$
DECLARE
    changed announcements;
BEGIN
    UPDATE announcements a SET title = coalesce(change_announcement.title, a.title), content = coalesce(change_announcement.content, a.content)
    WHERE a.id = announcement AND a.organization_id = organization AND a.withdrawn_at IS NULL RETURNING * INTO changed;
    IF FOUND AND ask_again THEN
        UPDATE announcement_recipients r SET acknowledged_at = NULL WHERE r.announcement_id = announcement AND r.acknowledged_at IS NOT NULL;
    END IF;
    RETURN changed;
END
$$;

-- Whether it is acknowledged by now: false if it does not reach this user, or is withdrawn. The announcement is locked first, as
-- by those who change it.
CREATE FUNCTION acknowledge_announcement(announcement bigint, person bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM announcements a JOIN announcement_recipients r ON r.announcement_id = a.id
    WHERE a.id = announcement AND r.user_id = person AND a.withdrawn_at IS NULL FOR SHARE OF a;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE announcement_recipients r SET acknowledged_at = now()
    WHERE r.announcement_id = announcement AND r.user_id = person AND r.acknowledged_at IS NULL;
    RETURN true;
END
$$;
