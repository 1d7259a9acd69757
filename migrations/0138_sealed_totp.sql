-- migrate:up

-- The kid of the key (chat_core/keys.py) by which chat_server has sealed the secret of an app, so that a copy of the
-- database has no working second factors; null: it is stored as it is, until chat_server comes by.
ALTER TABLE totp_factors
    ADD COLUMN sealed_by text CONSTRAINT totp_factors_sealed_by_kid CHECK (length(sealed_by) = 43);

-- migrate:down
DELETE FROM totp_factors WHERE sealed_by IS NOT NULL;
ALTER TABLE totp_factors DROP COLUMN sealed_by;
