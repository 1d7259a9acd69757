-- migrate:up

-- How many streams wait at a notify_server to be let in: one that stops sends no more there than the time demands.
ALTER TABLE notify_nodes ADD COLUMN waiting integer NOT NULL DEFAULT 0;

-- migrate:down
ALTER TABLE notify_nodes DROP COLUMN waiting;
