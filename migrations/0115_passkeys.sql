-- migrate:up

-- What authenticators call a user (WebAuthn's user handle): it is on people's devices, so it says nothing about them.
CREATE TABLE passkey_holders (
    user_id bigint PRIMARY KEY CONSTRAINT passkey_holders_user_exists REFERENCES users ON DELETE CASCADE,
    handle  uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT passkey_holders_handle_key UNIQUE
);

-- Passkeys (WebAuthn). public_key is COSE's (RFC 9052); sign_count is the newest that the authenticator has said, and 0
-- for good where it does not count; synced: the user's other devices have it, too.
CREATE TABLE passkeys (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id       bigint NOT NULL CONSTRAINT passkeys_holder_exists REFERENCES passkey_holders ON DELETE CASCADE,
    credential_id bytea NOT NULL CONSTRAINT passkeys_credential_key UNIQUE
        CONSTRAINT passkeys_credential_size CHECK (length(credential_id) BETWEEN 1 AND 1023),
    public_key    bytea NOT NULL CONSTRAINT passkeys_public_key_size CHECK (length(public_key) BETWEEN 1 AND 2048),
    sign_count    bigint NOT NULL CONSTRAINT passkeys_sign_count_range CHECK (sign_count BETWEEN 0 AND 4294967295),
    transports    text[] NOT NULL DEFAULT '{}' CONSTRAINT passkeys_transports_amount CHECK (cardinality(transports) <= 10),
    synced        boolean NOT NULL,
    name          text NOT NULL CONSTRAINT passkeys_name_length CHECK (length(name) BETWEEN 1 AND 64),
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz
);
CREATE INDEX passkeys_user_id_idx ON passkeys (user_id);

-- migrate:down
DROP TABLE passkeys;
DROP TABLE passkey_holders;
