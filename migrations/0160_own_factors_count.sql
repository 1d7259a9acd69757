-- migrate:up

-- Once a user has enrolled a second factor here, a provider's word that it has seen one opens no session. Those that had
-- begun before go on no longer.
UPDATE sessions s SET revoked_at = now(), revoked_reason = 'second_factor'
WHERE revoked_at IS NULL AND second_factor = 'provider'
  AND (EXISTS (SELECT FROM totp_factors t WHERE t.user_id = s.user_id AND t.confirmed_at IS NOT NULL)
       OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = s.user_id));

-- migrate:down
-- Sessions that have ended stay so.
SELECT;
