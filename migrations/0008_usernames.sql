-- migrate:up

-- What others write after an @. Letters mean ASCII ones: no two names look the same. Who signs up without one is given one.
ALTER TABLE users
    ADD COLUMN username text COLLATE "C",
    ADD CONSTRAINT users_username_format CHECK (username ~ '^[A-Za-z0-9]([A-Za-z0-9._-]{0,30}[A-Za-z0-9_])?$'),
    ADD CONSTRAINT users_username_reserved CHECK (lower(username) NOT IN ('here', 'all', 'everyone', 'channel'));
CREATE UNIQUE INDEX users_username_key ON users (lower(username));

-- As derive_username() in sql/functions/accounts.sql names new people; of those who would be named alike the first keeps it.
DO $$
DECLARE
    person users;
    base text;
    number bigint;
BEGIN
    FOR person IN SELECT * FROM users ORDER BY id LOOP
        base := ltrim(regexp_replace(split_part(person.email, '@', 1), '[^A-Za-z0-9._-]', '', 'g'), '._-');
        base := rtrim(left(base, 32), '.-');
        base := CASE WHEN base = '' THEN 'user' ELSE base END;
        person.username := base;
        number := person.id;
        WHILE lower(person.username) IN ('here', 'all', 'everyone', 'channel')
           OR EXISTS (SELECT FROM users WHERE lower(username) = lower(person.username)) LOOP
            person.username := left(base, 31 - length(number::text)) || '-' || number;
            number := number + 1;
        END LOOP;
        UPDATE users SET username = person.username WHERE id = person.id;
    END LOOP;
END
$$;
ALTER TABLE users ALTER COLUMN username SET NOT NULL;

-- migrate:down
ALTER TABLE users DROP COLUMN username;
