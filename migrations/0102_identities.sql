-- migrate:up

-- When the user proved that the address is theirs, by a provider that owns its domain or by a link sent to it.
ALTER TABLE users ADD COLUMN email_verified_at timestamptz;

-- Who a user is at a provider of sign-ins. People are found by these three alone, never by address or name.
CREATE TABLE identities (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id        bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    provider       text NOT NULL,
    issuer         text NOT NULL,
    subject        text NOT NULL,
    email          text,
    email_verified boolean NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT now(),
    last_used_at   timestamptz,
    UNIQUE (provider, issuer, subject),
    CONSTRAINT identities_provider_format CHECK (provider ~ '^[a-z][a-z0-9_-]{0,31}$' AND provider <> 'password'),
    CONSTRAINT identities_issuer_length CHECK (length(issuer) BETWEEN 1 AND 1024),
    CONSTRAINT identities_subject_length CHECK (length(subject) BETWEEN 1 AND 1024),
    CONSTRAINT identities_email_length CHECK (length(email) <= 254)
);
CREATE INDEX identities_user_id_idx ON identities (user_id);

-- How a session began: `amr` has the values of RFC 8176, `auth_time` says when its user last proved who they are, and
-- `provider_sid` is the provider's name of its own session, with which it ends ours.
ALTER TABLE sessions
    ADD COLUMN provider text NOT NULL DEFAULT 'password',
    ADD COLUMN provider_sid text,
    ADD COLUMN identity_id bigint REFERENCES identities ON DELETE SET NULL,
    ADD COLUMN amr text[] NOT NULL DEFAULT '{pwd}',
    ADD COLUMN auth_time timestamptz,
    ADD COLUMN device_name text,
    ADD COLUMN address inet,
    ADD COLUMN last_seen_at timestamptz,
    ADD CONSTRAINT sessions_provider_format CHECK (provider ~ '^[a-z][a-z0-9_-]{0,31}$'),
    ADD CONSTRAINT sessions_provider_sid_length CHECK (length(provider_sid) BETWEEN 1 AND 1024),
    ADD CONSTRAINT sessions_amr_size CHECK (cardinality(amr) BETWEEN 1 AND 16),
    ADD CONSTRAINT sessions_device_name_length CHECK (length(device_name) BETWEEN 1 AND 200);
UPDATE sessions SET auth_time = created_at;
ALTER TABLE sessions ALTER COLUMN auth_time SET NOT NULL, ALTER COLUMN auth_time SET DEFAULT now();
CREATE INDEX sessions_provider_sid_idx ON sessions (provider, provider_sid) WHERE provider_sid IS NOT NULL AND revoked_at IS NULL;
CREATE INDEX sessions_identity_id_idx ON sessions (identity_id) WHERE identity_id IS NOT NULL;

ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason;
ALTER TABLE sessions ADD CONSTRAINT sessions_revoked_reason CHECK (num_nulls(revoked_at, revoked_reason) IN (0, 2)
    AND revoked_reason IN ('logout', 'logout_all', 'ended', 'password_changed', 'token_reused', 'suspended', 'deactivated',
                           'operator', 'provider', 'unlinked', 'claimed'));

-- migrate:down
UPDATE sessions SET revoked_reason = 'operator' WHERE revoked_reason IN ('ended', 'provider', 'unlinked', 'claimed');
ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason;
ALTER TABLE sessions ADD CONSTRAINT sessions_revoked_reason CHECK (num_nulls(revoked_at, revoked_reason) IN (0, 2)
    AND revoked_reason IN ('logout', 'logout_all', 'password_changed', 'token_reused', 'suspended', 'deactivated', 'operator'));
ALTER TABLE sessions DROP COLUMN provider, DROP COLUMN provider_sid, DROP COLUMN identity_id, DROP COLUMN amr,
    DROP COLUMN auth_time, DROP COLUMN device_name, DROP COLUMN address, DROP COLUMN last_seen_at;
DROP TABLE identities;
ALTER TABLE users DROP COLUMN email_verified_at;
