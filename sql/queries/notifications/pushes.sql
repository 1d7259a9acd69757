-- name: push_key()
-- The public key of this installation; no row if it has none yet.
SELECT public_key FROM push_keys;

-- name: push_key_keep(private, public)
-- The public key, of this pair if there was none.
SELECT keep_push_key(:private, :public);

-- name: push_private_key()
-- What pushes are signed with; null if nobody has asked for a key yet.
SELECT push_private_key();

-- name: push_subscription_shown(session)
-- Where a session's device is pushed to; null if it is not.
SELECT push_subscription_of(:session)::text;

-- name: push_subscribe(user, session, endpoint, public_key, secret, language)
-- Pushes to a session's device from here on.
SELECT subscribe_to_pushes(:user, :session, :endpoint, :public_key, :secret, :language)::text;

-- name: push_unsubscribe(session)
-- Pushes to a session's device no more; no row if nobody did.
DELETE FROM push_subscriptions WHERE session_id = :session RETURNING id;

-- name: pushes_follow(amount, most_waiting, most_each, grace, lifetime)
-- Decides about the next events of the log; how many there were.
SELECT follow_pushes(:amount, :most_waiting, :most_each, :grace, :lifetime);

-- name: pushes_claim(amount, seconds, lifetime, people, hosts, of_person, of_host)
-- Takes what is due, with what is to be sent as it is now, in the slots that these people and hosts have left.
SELECT * FROM claim_pushes(:amount, :seconds, :lifetime, :people, :hosts, :of_person, :of_host);

-- name: push_end(subscription, chat, claim, sent, status, wait, problem, grace)
-- What has become of a push.
SELECT end_push(:subscription, :chat, :claim, :sent, :status, :wait, :problem, :grace);

-- name: push_next()
-- In how many seconds something is due; null if nothing waits.
SELECT next_push();
