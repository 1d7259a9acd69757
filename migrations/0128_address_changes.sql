-- migrate:up

-- A new address that a user has asked for. It takes effect when both addresses have confirmed it; one that nobody had ever
-- confirmed as the user's need not.
CREATE TABLE address_changes (
    user_id          bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    old_email        text NOT NULL,
    new_email        text NOT NULL,
    old_confirmed_at timestamptz,
    new_confirmed_at timestamptz,
    expires_at       timestamptz NOT NULL,
    CONSTRAINT address_changes_email_length CHECK (length(new_email) BETWEEN 3 AND 254)
);
CREATE INDEX address_changes_expires_at_idx ON address_changes (expires_at);

-- Addresses beyond ASCII have one form (Unicode Standard Annex 15), so that one typed elsewhere is found.
UPDATE users SET email = normalize(email, NFC)
WHERE email IS NOT NFC NORMALIZED
  AND NOT EXISTS (SELECT FROM users other WHERE other.id <> users.id AND lower(normalize(other.email, NFC)) = lower(normalize(users.email, NFC)));

-- migrate:down
DROP TABLE address_changes;
