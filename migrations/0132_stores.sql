-- migrate:up

-- Where the bytes of a key are, and the key that has encrypted them, itself encrypted; null: they are as they were uploaded.
ALTER TABLE blobs
    ADD COLUMN store text NOT NULL DEFAULT 'directory',
    ADD COLUMN sealed_key bytea,
    ADD CONSTRAINT blobs_store_known CHECK (store IN ('directory', 's3')),
    ADD CONSTRAINT blobs_sealed_key_length CHECK (length(sealed_key) = 68);
ALTER TABLE previews
    ADD COLUMN store text NOT NULL DEFAULT 'directory',
    ADD COLUMN sealed_key bytea,
    ADD CONSTRAINT previews_store_known CHECK (store IN ('directory', 's3')),
    ADD CONSTRAINT previews_sealed_key_length CHECK (length(sealed_key) = 68);

-- migrate:down
DO $$
BEGIN
    IF EXISTS (SELECT FROM blobs WHERE store <> 'directory' OR sealed_key IS NOT NULL)
        OR EXISTS (SELECT FROM previews WHERE store <> 'directory' OR sealed_key IS NOT NULL) THEN
        RAISE EXCEPTION 'there are files that are encrypted, or not in the directory'
            USING HINT = 'Bring them back first: fechatter storage move --to directory --decrypt';
    END IF;
END
$$;
ALTER TABLE previews DROP COLUMN store, DROP COLUMN sealed_key;
ALTER TABLE blobs DROP COLUMN store, DROP COLUMN sealed_key;
