-- name: idempotency_take(user, key, fingerprint)
-- Whether a key is new, repeated (with the first response) or in conflict; the caller holds it until the transaction's
-- end.
SELECT outcome, answer FROM idempotency_take(:user, :key, :fingerprint);

-- name: idempotency_keep(user, key, fingerprint, answer)
-- Stores the first response for retries.
INSERT INTO idempotency_keys (user_id, key, fingerprint, answer) VALUES (:user, :key, :fingerprint, :answer);
