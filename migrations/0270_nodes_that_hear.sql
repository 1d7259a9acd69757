-- migrate:up

-- Whether a notify_server gets notifications from the relay's leader, over NATS.
ALTER TABLE notify_nodes ADD COLUMN hears boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE notify_nodes DROP COLUMN hears;
