-- migrate:up

-- A revoked session says why: `revoked_reason IN (…)` alone is null for a null, and a null passes a check.
ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason;
UPDATE sessions SET revoked_reason = 'operator' WHERE revoked_at IS NOT NULL AND revoked_reason IS NULL;
ALTER TABLE sessions ADD CONSTRAINT sessions_revoked_reason CHECK (
    num_nulls(revoked_at, revoked_reason) IN (0, 2)
    AND revoked_reason IN ('logout', 'password_changed', 'token_reused', 'suspended', 'operator'));

-- migrate:down
ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason;
ALTER TABLE sessions ADD CONSTRAINT sessions_revoked_reason CHECK (
    (revoked_at IS NULL AND revoked_reason IS NULL)
    OR (revoked_at IS NOT NULL
        AND revoked_reason IN ('logout', 'password_changed', 'token_reused', 'suspended', 'operator')));
