-- name: subscription_create(bot, name, address, kinds, chats, ordered, epoch, position, user)
-- Creates a webhook of a bot, and returns its id. Without a position it begins at the end of the log.
INSERT INTO subscriptions (bot_id, name, address, kinds, chat_ids, ordered, epoch, position, created_by)
VALUES (:bot, :name, :address, :kinds, :chats, :ordered, :epoch, :position, :user) RETURNING id;

-- name: subscription_secret_add(subscription, scheme, secret)
-- Signs with a new secret, and for a day more with the former one.
SELECT add_secret(:subscription, :scheme, :secret);

-- name: subscription_shown(bot, subscription)
-- A subscription of a bot; no row if there is none.
SELECT subscription_json(subscriptions)::text FROM subscriptions WHERE id = :subscription AND bot_id = :bot;

-- name: subscriptions_of_bot(bot)
-- All subscriptions of a bot, by id.
SELECT coalesce(array_to_json(array_agg(subscription_json(subscriptions) ORDER BY id)), '[]')::text
FROM subscriptions WHERE bot_id = :bot;

-- name: subscription_update(bot, subscription, name, address, kinds, chats, ordered, epoch, position, enabled)
-- Changes what is not null: an empty list of kinds or chats means all. Enabled again, it is no longer failing.
SELECT subscription_json(changed)::text
FROM change_subscription(:bot, :subscription, :name, :address, :kinds, :chats, :ordered, :epoch, :position, :enabled) changed
WHERE changed.id IS NOT NULL;

-- name: subscription_delete(bot, subscription)
-- Deletes a subscription of a bot; no row if there is none.
DELETE FROM subscriptions WHERE id = :subscription AND bot_id = :bot RETURNING id;

-- name: deliveries_of_subscription(subscription, after, limit)
-- A page of the events that are tried again or not any more, by position.
WITH page AS (
    SELECT position AS id, delivery_json(deliveries) AS item FROM deliveries
    WHERE subscription_id = :subscription AND position > :after ORDER BY position LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: attempts_of_subscription(subscription, before, limit)
-- A page of the newest attempts, by id and the newest first.
WITH page AS (
    SELECT id, delivery_attempt_json(delivery_attempts) AS item FROM delivery_attempts
    WHERE subscription_id = :subscription AND id < :before ORDER BY id DESC LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id DESC))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id DESC))[:limit] END AS next
FROM page;

-- name: delivery_again(bot, subscription, position)
-- Sends an event again, at once and with all its attempts; no row unless it has failed before.
SELECT delivery_json(again)::text FROM redeliver(:bot, :subscription, :position) again WHERE again.position IS NOT NULL;

-- name: shards_hold(node, lease_seconds)
-- Leases shards to a delivery_server, or renews the leases: each with the generation that its writes name.
SELECT shard, generation FROM hold_shards(:node, :lease_seconds);

-- name: shards_leave(node)
-- The others may have them.
SELECT leave_shards(:node);

-- name: subscriptions_of_shards(shards)
-- The subscriptions in these shards, each with its shard, but for disabled ones.
SELECT id, shard_of(id) AS shard FROM subscriptions WHERE shard_of(id) = ANY (:shards) AND disabled_at IS NULL;

-- name: subscription_next(subscription, span, amount)
-- What there is to do for a subscription: the same columns in each row, and an event of the next `span` positions in
-- each; its columns are null if there is none. No row if there is no such subscription.
SELECT s.*, least(s.head, s.seen + :span) AS last,
       ARRAY(SELECT epoch FROM log_epochs ORDER BY no) AS ended, ARRAY(SELECT last_position FROM log_epochs ORDER BY no) AS lasts,
       e.position, e.kind, e.audience, e.chat_id, e.document_id, e.user_id,
       e.workspace_ids, e.message_id, e.effect, e.payload, e.created_at
FROM subscription_state(:subscription, :amount) s
LEFT JOIN LATERAL subscription_events(:subscription, s.due, least(s.head, s.seen + :span), CASE WHEN s.ready THEN :amount ELSE 0 END) e
    ON s.ready AND s.seen <= s.last_good
ORDER BY e.position;

-- name: deliveries_record(subscription, holder, seen_epoch, seen, reached_epoch, reached, positions, kinds, statuses, errors, durations, delays, gone, patience)
-- What has become of events that were sent; false if somebody else sends them by now.
SELECT record_deliveries(:subscription, :holder, :seen_epoch, :seen, :reached_epoch, :reached, :positions, :kinds, :statuses,
                         :errors, :durations, :delays, :gone, :patience);

-- name: deliveries_forget(subscription, positions)
-- Events that are not to be sent again after all.
SELECT forget_deliveries(:subscription, :positions);
