-- name: idempotency_take(user, key, fingerprint)
-- Whether a key is new, repeated (with the first answer) or in conflict; it is the caller's until the transaction's end.
SELECT outcome, answer FROM idempotency_take(:user, :key, :fingerprint);

-- name: idempotency_keep(user, key, fingerprint, answer)
-- Has retries answered as this first call was.
INSERT INTO idempotency_keys (user_id, key, fingerprint, answer) VALUES (:user, :key, :fingerprint, :answer);
