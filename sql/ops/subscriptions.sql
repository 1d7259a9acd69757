-- What is sent to other systems: subscriptions, what became of their events, and the servers that send.

CREATE VIEW ops.subscriptions AS
SELECT s.id, s.bot_id, u.username AS bot, b.owner_id, s.name, s.address, s.epoch || '.' || s.position AS cursor,
       CASE WHEN s.disabled_at IS NOT NULL THEN 'disabled: ' || s.disabled_because WHEN NOT public.is_in_use(u) THEN 'its bot is off'
            WHEN s.failing_since IS NOT NULL THEN 'failing' ELSE 'active' END AS state,
       s.delivered_at, s.failing_since, s.disabled_at,
       (SELECT count(*) FROM public.deliveries d WHERE d.subscription_id = s.id AND d.due_at IS NOT NULL) AS waiting,
       (SELECT count(*) FROM public.deliveries d WHERE d.subscription_id = s.id AND d.due_at IS NULL) AS dead, h.node
FROM public.subscriptions s JOIN public.bots b ON b.user_id = s.bot_id JOIN public.users u ON u.id = s.bot_id
LEFT JOIN public.delivery_shards h ON h.shard = public.shard_of(s.id)
ORDER BY s.id;
COMMENT ON VIEW ops.subscriptions IS 'What bots see that is sent to webhooks: how far each subscription is, whether it is failing or disabled, and which delivery_server works for it.';

CREATE VIEW ops.deliveries AS
SELECT subscription_id, position, kind, attempts, failed_at, due_at AS next_attempt_at, error
FROM public.deliveries ORDER BY subscription_id, position;
COMMENT ON VIEW ops.deliveries IS 'Events whose delivery has failed: those that are tried again, and dead letters, which have no next attempt.';

CREATE VIEW ops.delivery_attempts AS
SELECT subscription_id, position, kind, attempted_at, milliseconds, status, error FROM public.delivery_attempts ORDER BY id DESC;
COMMENT ON VIEW ops.delivery_attempts IS 'The newest attempts of each subscription, the newest first: at least 500. Without an error the event was delivered.';

CREATE VIEW ops.delivery_nodes AS
SELECT n.node, n.started_at, n.expires_at, count(h.shard) AS shards
FROM public.delivery_nodes n LEFT JOIN public.delivery_shards h USING (node) WHERE n.expires_at > now()
GROUP BY n.node, n.started_at, n.expires_at ORDER BY n.started_at, n.node;
COMMENT ON VIEW ops.delivery_nodes IS 'The delivery_servers that are alive, and how many of the 16 shards of subscriptions each holds.';

CREATE FUNCTION ops.move_subscription(subscription bigint, cursor text, OUT moved boolean) LANGUAGE sql
SET search_path = public, pg_temp AS $$
    SELECT (change_subscription(bot_id, subscription, NULL, NULL, NULL, NULL, NULL, split_part(cursor, '.', 1),
                                split_part(cursor, '.', 2)::bigint, NULL)).id IS NOT NULL
    FROM subscriptions WHERE id = subscription
$$;
COMMENT ON FUNCTION ops.move_subscription IS 'Moves the cursor of a subscription, such as 52d47d04.17: what follows is sent, again if it was sent before.';
