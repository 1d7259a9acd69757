-- migrate:up

-- The authenticator app of a user (TOTP, RFC 6238): the shared secret. It counts once a code has confirmed it. last_step
-- is the newest 30 s step whose code was used: no code is good twice.
CREATE TABLE totp_factors (
    user_id      bigint PRIMARY KEY CONSTRAINT totp_factors_user_exists REFERENCES users ON DELETE CASCADE,
    secret       bytea NOT NULL CONSTRAINT totp_factors_secret_size CHECK (length(secret) BETWEEN 20 AND 64),
    created_at   timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0 CONSTRAINT totp_factors_last_step_range CHECK (last_step >= 0)
);

-- Hashes of the recovery codes that a user has left. A code has 80 random bits, so a plain hash keeps it.
CREATE TABLE recovery_codes (
    user_id bigint PRIMARY KEY CONSTRAINT recovery_codes_user_exists REFERENCES users ON DELETE CASCADE,
    hashes  bytea[] NOT NULL CONSTRAINT recovery_codes_amount CHECK (cardinality(hashes) <= 10),
    made_at timestamptz NOT NULL DEFAULT now()
);

-- Sign-ins that wait for their second factor, by the hash of a token: how the session will begin, as in `sessions`.
CREATE TABLE pending_sign_ins (
    hash          bytea PRIMARY KEY,
    user_id       bigint NOT NULL CONSTRAINT pending_sign_ins_user_exists REFERENCES users ON DELETE CASCADE,
    verified_hash text,
    provider      text NOT NULL,
    amr           text[] NOT NULL,
    auth_time     timestamptz,
    provider_sid  text,
    identity_id   bigint CONSTRAINT pending_sign_ins_identity_exists REFERENCES identities ON DELETE CASCADE,
    name_id       jsonb,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX pending_sign_ins_user_id_idx ON pending_sign_ins (user_id);
CREATE INDEX pending_sign_ins_identity_id_idx ON pending_sign_ins (identity_id) WHERE identity_id IS NOT NULL;
CREATE INDEX pending_sign_ins_expires_at_idx ON pending_sign_ins (expires_at);

-- The second factor with which a session began, as this server has verified it; `amr` has what a provider said, too.
ALTER TABLE sessions
    ADD COLUMN second_factor text,
    ADD CONSTRAINT sessions_second_factor_known CHECK (second_factor IN ('totp', 'recovery_code', 'passkey', 'provider'));

-- migrate:down
ALTER TABLE sessions DROP COLUMN second_factor;
DROP TABLE pending_sign_ins;
DROP TABLE recovery_codes;
DROP TABLE totp_factors;
