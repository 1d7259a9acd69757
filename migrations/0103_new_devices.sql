-- migrate:up

-- Whether the user had signed in before, and never on this device: they hear of it.
ALTER TABLE sessions ADD COLUMN new_device boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE sessions DROP COLUMN new_device;
