-- migrate:up

-- What a directory of people said last of a person's name and address: what has changed there since changes here, and
-- what people have changed here themselves stays.
ALTER TABLE identities
    ADD COLUMN directory_fullname text,
    ADD COLUMN directory_email text;

-- migrate:down
ALTER TABLE identities DROP COLUMN directory_fullname, DROP COLUMN directory_email;
