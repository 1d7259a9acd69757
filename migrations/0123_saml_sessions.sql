-- migrate:up

-- What a provider of SAML calls the user of this session: its NameID, as its logout names it and as ours must.
ALTER TABLE sessions ADD COLUMN name_id jsonb
    CONSTRAINT sessions_name_id_format CHECK (jsonb_typeof(name_id -> 'value') = 'string' AND octet_length(name_id::text) <= 2048);
CREATE INDEX sessions_name_id_idx ON sessions (provider, (name_id ->> 'value')) WHERE revoked_at IS NULL AND name_id IS NOT NULL;

-- migrate:down
ALTER TABLE sessions DROP COLUMN name_id;
