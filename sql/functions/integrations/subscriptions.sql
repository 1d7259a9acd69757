-- Subscriptions: what a bot sees, sent to another system by delivery_server.

-- Maximum number of subscriptions of a bot; how many of its attempts, and of its dead letters, are kept; how long a secret
-- that was replaced signs.
CREATE FUNCTION most_subscriptions() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 20';
CREATE FUNCTION kept_attempts() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 500';
CREATE FUNCTION kept_dead_letters() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1000';
CREATE FUNCTION secret_overlap() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '1 day' $$;

CREATE FUNCTION shard_of(subscription bigint) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT (subscription % 16)::integer';

-- A subscription, without its secrets. `waiting`: events that are tried again; `dead`: those that are not.
CREATE FUNCTION subscription_json(s subscriptions) RETURNS json LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT row_to_json(shape) FROM (
        SELECT s.id, s.bot_id, s.name, s.address AS url, s.kinds, s.chat_ids, s.ordered, s.epoch || '.' || s.position AS cursor,
               (SELECT scheme FROM subscription_secrets k WHERE k.subscription_id = s.id ORDER BY created_at DESC LIMIT 1) AS scheme,
               s.created_by, s.created_at, s.delivered_at, s.failing_since, s.disabled_at, s.disabled_because,
               count(d) FILTER (WHERE due_at IS NOT NULL) AS waiting, count(d) FILTER (WHERE d.position IS NOT NULL AND due_at IS NULL) AS dead
        FROM (SELECT) one LEFT JOIN deliveries d ON d.subscription_id = s.id
    ) shape
$$;

CREATE FUNCTION delivery_json(d deliveries) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (SELECT d.position, d.kind, d.attempts, d.failed_at, d.due_at, d.error) shape
$$;

CREATE FUNCTION delivery_attempt_json(a delivery_attempts) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT a.id, a.position, a.kind, a.attempted_at, a.milliseconds, a.status, a.error
    ) shape
$$;

-- A new secret of a subscription. Those before it sign for a day more, of which one at most is left.
CREATE FUNCTION add_secret(subscription bigint, scheme text, secret bytea) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM subscriptions WHERE id = subscription FOR NO KEY UPDATE;
    DELETE FROM subscription_secrets k WHERE k.subscription_id = subscription AND expires_at IS NOT NULL;
    UPDATE subscription_secrets k SET expires_at = now() + secret_overlap() WHERE k.subscription_id = subscription;
    INSERT INTO subscription_secrets (subscription_id, scheme, secret) VALUES (subscription, add_secret.scheme, add_secret.secret);
END
$$;

-- Changes what is not null, of a bot's subscription; null if it has none of this id. A cursor is one of this log.
CREATE FUNCTION change_subscription(
    bot bigint, subscription bigint, new_name text, new_address text, new_kinds text[], new_chats bigint[], new_ordered boolean,
    new_epoch text, new_position bigint, enabled boolean
) RETURNS subscriptions LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    changed subscriptions;
BEGIN
    UPDATE subscriptions SET
        name = coalesce(new_name, name), address = coalesce(new_address, address), ordered = coalesce(new_ordered, ordered),
        kinds = CASE WHEN new_kinds IS NULL THEN kinds ELSE nullif(new_kinds, '{}') END,
        chat_ids = CASE WHEN new_chats IS NULL THEN chat_ids ELSE nullif(new_chats, '{}') END,
        failing_since = CASE WHEN enabled THEN NULL ELSE failing_since END,
        disabled_at = CASE WHEN enabled THEN NULL WHEN NOT enabled THEN coalesce(disabled_at, now()) ELSE disabled_at END,
        disabled_because = CASE WHEN enabled THEN NULL WHEN NOT enabled THEN coalesce(disabled_because, 'owner') ELSE disabled_because END
    WHERE id = subscription AND bot_id = bot RETURNING * INTO changed;
    IF changed.id IS NOT NULL AND new_position IS NOT NULL THEN
        PERFORM check_log_cursor(new_epoch, new_position);
        -- What was tried again is ahead of the new cursor, and tried in its turn; or behind it, and left out.
        DELETE FROM deliveries WHERE subscription_id = subscription;
        UPDATE subscriptions SET epoch = new_epoch, position = new_position WHERE id = subscription RETURNING * INTO changed;
    END IF;
    RETURN changed;
END
$$;

-- Raises unless it is a cursor of this log, above which no event has been dropped.
CREATE FUNCTION check_log_cursor(epoch text, "position" bigint) RETURNS void LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    log log_state;
BEGIN
    SELECT * INTO log FROM log_state;
    IF coalesce(position > log_last(epoch), true) OR position NOT BETWEEN log.floor AND log_head() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC422', CONSTRAINT = 'subscriptions_cursor_in_log',
            MESSAGE = format('%s.%s is no cursor of this log, which has %s.%s to %s.%s', epoch, position,
                             log.epoch, log.floor, log.epoch, log_head());
    END IF;
END
$$;

-- An event that failed is tried again at once, with all its attempts; null unless it has failed before.
CREATE FUNCTION redeliver(bot bigint, subscription bigint, place bigint) RETURNS deliveries LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    again deliveries;
BEGIN
    UPDATE deliveries d SET attempts = 0, due_at = now() FROM subscriptions s
    WHERE d.subscription_id = subscription AND d.position = place AND s.id = subscription AND s.bot_id = bot RETURNING d.* INTO again;
    PERFORM pg_notify('fechatter_subscriptions', subscription::text);
    RETURN again;
END
$$;

-- What there is to do for a subscription, and all that decides it, in one snapshot. `ready`: it is not disabled, its bot
-- is active, and bots are switched on. `due`: positions at or below the cursor that are to be tried again now.
-- `head_attempts`, `head_due_at`: how often the event at `head_position`, above the cursor, has failed. `next_due_at`: the
-- next time at which something is due; `last_good`: log_last() of the cursor's epoch; `reset_due_at`: that of the notice of a lost cursor, which stands at position 0, where
-- no event is. The arrays are the bot's access, as in streams_open.
CREATE FUNCTION subscription_state(subscription bigint, most integer)
RETURNS TABLE (
    address text, kinds text[], chat_ids bigint[], ordered boolean, epoch text, seen bigint, generation bigint,
    ready boolean, secrets text, log_epoch text, last_good bigint, floor bigint, head bigint, bot_id bigint, workspace_id bigint,
    due bigint[], attempts text, head_position bigint, head_due_at timestamptz, next_due_at timestamptz, reset_due_at timestamptz, failing_since timestamptz,
    chats bigint[], administered_chats bigint[], documents bigint[], administered_documents bigint[],
    workspaces bigint[], administered_workspaces bigint[], effects text, moment timestamptz
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s subscriptions;
BEGIN
    SELECT * INTO s FROM subscriptions WHERE id = subscription;
    IF s.id IS NULL THEN
        RETURN;
    END IF;
    due := ARRAY(SELECT d.position FROM deliveries d
                 WHERE d.subscription_id = s.id AND d.position <= s.position AND d.due_at <= now() ORDER BY d.due_at LIMIT most);
    RETURN QUERY
    SELECT s.address, s.kinds, s.chat_ids, s.ordered, s.epoch, s.position,
           (SELECT h.generation FROM delivery_shards h WHERE h.shard = shard_of(s.id)),
           s.disabled_at IS NULL AND is_in_use(u),
           (SELECT coalesce(json_agg(json_build_array(k.scheme, encode(k.secret, 'hex')) ORDER BY k.created_at DESC), '[]')::text
            FROM subscription_secrets k WHERE k.subscription_id = s.id AND (k.expires_at IS NULL OR k.expires_at > now())),
           log.epoch, log_last(s.epoch), log.floor, log_head(), s.bot_id, b.workspace_id, due,
           (SELECT coalesce(json_object_agg(d.position, d.attempts), '{}')::text FROM deliveries d
            WHERE d.subscription_id = s.id
              AND (d.position = ANY (due) OR d.position > s.position OR d.position = 0 AND d.due_at IS NOT NULL)),
           waiting.position, waiting.due_at,
           (SELECT min(d.due_at) FROM deliveries d WHERE d.subscription_id = s.id),
           (SELECT d.due_at FROM deliveries d WHERE d.subscription_id = s.id AND d.position = 0),
           s.failing_since,
           in_chats.*, in_documents.*, in_workspaces.*,
           (SELECT coalesce(json_agg(json_build_array(e.position, e.effect, e.chat_id, e.document_id, e.workspace_ids) ORDER BY e.position), '[]')::text
            FROM (SELECT max(e.position) AS position, e.effect, e.chat_id, e.document_id, e.workspace_ids FROM events e
                  WHERE e.effect IS NOT NULL AND e.user_id = s.bot_id
                    AND e.position > least(s.position, (SELECT min(p) - 1 FROM unnest(due) p))
                  GROUP BY e.effect, e.chat_id, e.document_id, e.workspace_ids) e),
           now()
    FROM log_state log JOIN bots b ON b.user_id = s.bot_id JOIN users u ON u.id = s.bot_id
    LEFT JOIN LATERAL (SELECT d.position, d.due_at FROM deliveries d
                       WHERE d.subscription_id = s.id AND d.position > s.position ORDER BY d.position LIMIT 1) waiting ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(m.chat_id), '{}'), coalesce(array_agg(m.chat_id) FILTER (WHERE m.role <> 'member'), '{}')
        FROM chat_members m WHERE m.user_id = s.bot_id) in_chats
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(m.document_id), '{}'), coalesce(array_agg(m.document_id) FILTER (WHERE m.role = 'owner'), '{}')
        FROM document_members m JOIN documents d ON d.id = m.document_id WHERE m.user_id = s.bot_id AND d.deleted_at IS NULL) in_documents
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(m.workspace_id), '{}'), coalesce(array_agg(m.workspace_id) FILTER (WHERE m.role <> 'member'), '{}')
        FROM workspace_members m WHERE m.user_id = s.bot_id) in_workspaces;
END
$$;

-- The events that may concern a subscription, with what they say now: those at the positions of `due`, else the next ones
-- after its cursor, up to `last`. The bot's audience decides about each (chat_core/log/audience.py).
CREATE FUNCTION subscription_events(subscription bigint, due bigint[], last bigint, amount integer)
RETURNS TABLE (
    "position" bigint, kind text, audience text, chat_id bigint, document_id bigint, user_id bigint, workspace_ids bigint[],
    message_id bigint, effect text, payload json, created_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT e.position, e.kind, e.audience, e.chat_id, e.document_id, e.user_id, e.workspace_ids, e.message_id, e.effect,
           current_payload(e.kind, e.message_id, e.created_at, e.payload), e.created_at
    FROM subscriptions s, LATERAL (
        SELECT * FROM events e WHERE e.position = ANY (due)
        UNION ALL
        SELECT * FROM (
            SELECT * FROM events e
            WHERE cardinality(due) = 0 AND e.position > s.position AND e.position <= last
              AND (s.kinds IS NULL OR e.kind = ANY (s.kinds)) AND (s.chat_ids IS NULL OR e.chat_id = ANY (s.chat_ids))
              AND (e.user_id = s.bot_id
                   OR e.audience <> 'user' AND (
                       e.chat_id IN (SELECT m.chat_id FROM chat_members m WHERE m.user_id = s.bot_id)
                       OR e.document_id IN (SELECT m.document_id FROM document_members m WHERE m.user_id = s.bot_id)
                       OR e.workspace_ids && ARRAY(SELECT m.workspace_id FROM workspace_members m WHERE m.user_id = s.bot_id)))
            ORDER BY e.position LIMIT amount) next
    ) e WHERE s.id = subscription ORDER BY e.position
$$;

-- What has become of events that were sent, by arrays of the same length: an error of null means that it was delivered;
-- with an error, `delays` has the seconds until the next attempt, null for none. The cursor moves from `seen` to `reached`,
-- unless somebody has moved it meanwhile. `gone`: the receiver wants no more. Returns false, and changes nothing, where the
-- shard has another holder by now.
CREATE FUNCTION record_deliveries(
    subscription bigint, holder bigint, seen_epoch text, seen bigint, reached_epoch text, reached bigint, positions bigint[],
    event_kinds text[], statuses integer[], errors text[], durations integer[], delays float8[], gone boolean, patience interval
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    s subscriptions;
    failing boolean;
BEGIN
    PERFORM FROM delivery_shards h WHERE h.shard = shard_of(subscription) AND h.generation = holder FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT * INTO s FROM subscriptions WHERE id = subscription FOR NO KEY UPDATE;
    IF s.id IS NULL THEN
        RETURN true;
    END IF;
    INSERT INTO delivery_attempts (subscription_id, position, kind, milliseconds, status, error)
    SELECT subscription, * FROM unnest(positions, event_kinds, durations, statuses, errors);
    DELETE FROM deliveries d USING unnest(positions, errors) AS sent (position, error)
    WHERE d.subscription_id = subscription AND d.position = sent.position AND sent.error IS NULL;
    INSERT INTO deliveries AS d (subscription_id, position, kind, attempts, due_at, error)
    SELECT subscription, sent.position, sent.kind, 1, now() + make_interval(secs => sent.delay), sent.error
    FROM unnest(positions, event_kinds, errors, delays) AS sent (position, kind, error, delay) WHERE sent.error IS NOT NULL
    ON CONFLICT (subscription_id, position)
        -- A dead letter is sent again only as something new: a further notice of a lost cursor, or after the cursor was moved.
        DO UPDATE SET attempts = CASE WHEN d.due_at IS NULL THEN 1 ELSE d.attempts + 1 END, failed_at = now(), due_at = excluded.due_at, error = excluded.error;
    failing := cardinality(positions) > 0 AND NOT EXISTS (SELECT FROM unnest(errors) AS error WHERE error IS NULL);
    UPDATE subscriptions SET
        epoch = CASE WHEN (epoch, position) = (seen_epoch, seen) THEN reached_epoch ELSE epoch END,
        position = CASE WHEN (epoch, position) = (seen_epoch, seen) THEN reached ELSE position END,
        delivered_at = CASE WHEN cardinality(positions) = 0 OR failing THEN delivered_at ELSE now() END,
        failing_since = CASE WHEN cardinality(positions) = 0 THEN failing_since WHEN failing THEN coalesce(failing_since, now()) END
    WHERE id = subscription;
    IF reached_epoch <> seen_epoch THEN -- what was lost, but for the notice of it, if that is a dead letter
        DELETE FROM deliveries d WHERE d.subscription_id = subscription AND d.position <> ALL (positions)
                                   AND d.position > coalesce(log_last(seen_epoch), -1);
    END IF;
    -- What had failed above the former cursor and is not to be sent any more: it was deleted, or is out of sight.
    DELETE FROM deliveries d WHERE d.subscription_id = subscription AND d.position > seen AND d.position <= reached
                               AND d.position <> ALL (positions) AND (s.epoch, s.position) = (seen_epoch, seen);
    IF gone OR (failing AND s.failing_since < now() - patience) THEN
        PERFORM disable_subscription(subscription, CASE WHEN gone THEN 'gone' ELSE 'failing' END);
    END IF;
    IF EXISTS (SELECT FROM unnest(errors, delays) AS sent (error, delay) WHERE error IS NOT NULL AND delay IS NULL) THEN
        DELETE FROM deliveries d WHERE d.subscription_id = subscription AND d.due_at IS NULL AND d.position <=
            (SELECT position FROM deliveries WHERE subscription_id = subscription AND due_at IS NULL
             ORDER BY position DESC OFFSET kept_dead_letters() LIMIT 1);
    END IF;
    IF random() < 0.05 THEN
        DELETE FROM delivery_attempts a WHERE a.subscription_id = subscription AND a.id <=
            (SELECT id FROM delivery_attempts WHERE subscription_id = subscription ORDER BY id DESC OFFSET kept_attempts() LIMIT 1);
    END IF;
    RETURN true;
END
$$;

-- Forgets events that are not to be sent again after all: the log has dropped them, or the bot may not see them any more.
CREATE FUNCTION forget_deliveries(subscription bigint, positions bigint[]) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM deliveries d WHERE d.subscription_id = subscription AND d.position = ANY (positions)
$$;

-- Ends the sending until somebody enables it again; the cursor stays.
CREATE FUNCTION disable_subscription(subscription bigint, because text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE subscriptions SET disabled_at = now(), disabled_because = because WHERE id = subscription AND disabled_at IS NULL
$$;

-- Says that a delivery_server is alive, and gives it its share of the shards: those that it had, fewer if there are more
-- servers, and such as nobody has. A server that has not called this for `lease_seconds` has none any more. Returns its
-- shards, each with the generation that its writes have to name.
CREATE FUNCTION hold_shards(server text, lease_seconds float8) RETURNS TABLE (shard integer, generation bigint) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    fair integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.delivery_shards'));
    DELETE FROM delivery_nodes WHERE expires_at < now() AND node <> server;
    INSERT INTO delivery_nodes (node, expires_at) VALUES (server, now() + make_interval(secs => lease_seconds))
    ON CONFLICT (node) DO UPDATE SET expires_at = excluded.expires_at;
    SELECT ceil(count(DISTINCT h.shard)::numeric / count(DISTINCT n.node)) INTO fair FROM delivery_nodes n, delivery_shards h;
    UPDATE delivery_shards SET node = NULL
    WHERE shard IN (SELECT shard FROM delivery_shards WHERE node = server ORDER BY shard OFFSET fair);
    UPDATE delivery_shards SET node = server, generation = generation + 1
    WHERE shard IN (SELECT shard FROM delivery_shards WHERE node IS NULL ORDER BY shard
                    LIMIT fair - (SELECT count(*) FROM delivery_shards WHERE node = server));
    RETURN QUERY SELECT h.shard, h.generation FROM delivery_shards h WHERE h.node = server;
END
$$;

-- A server that stops leaves its shards to the others at once.
CREATE FUNCTION leave_shards(server text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE delivery_shards SET generation = generation + 1, node = NULL WHERE node = server;
    DELETE FROM delivery_nodes WHERE node = server;
    SELECT pg_notify('fechatter_subscriptions', '')
$$;
