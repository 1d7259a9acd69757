-- migrate:up

-- A personal access token is a session whose provider is `token`, so whatever ends sessions ends it. Only the hash of its
-- secret is stored. It allows what its scopes name, and lives at most a year (of 366 days).
ALTER TABLE sessions
    ADD COLUMN token_hash bytea,
    ADD COLUMN token_name text,
    ADD COLUMN scopes text[],
    ADD CONSTRAINT sessions_token_complete CHECK (num_nulls(token_hash, token_name, scopes) = CASE provider WHEN 'token' THEN 0 ELSE 3 END),
    ADD CONSTRAINT sessions_token_hash_length CHECK (octet_length(token_hash) = 32),
    ADD CONSTRAINT sessions_token_name_length CHECK (length(token_name) <= 80 AND btrim(token_name) <> ''),
    ADD CONSTRAINT sessions_scopes_size CHECK (cardinality(scopes) BETWEEN 1 AND 32),
    ADD CONSTRAINT sessions_token_expires CHECK (token_hash IS NULL OR expires_at <= created_at + interval '8784 hours');
CREATE UNIQUE INDEX sessions_token_hash_key ON sessions (token_hash) WHERE token_hash IS NOT NULL;

-- migrate:down
DELETE FROM sessions WHERE provider = 'token';
ALTER TABLE sessions DROP COLUMN token_hash, DROP COLUMN token_name, DROP COLUMN scopes;
