-- migrate:up

-- The channel on which log_flush() hands small events to notify_server. Whoever may connect can LISTEN and NOTIFY on any
-- channel whose name they know, and no grant prevents that. So the name is random, and only fechatter_notify may read it.
ALTER TABLE log_state ADD channel text NOT NULL DEFAULT 'fechatter_log_' || replace(gen_random_uuid()::text, '-', '');

-- migrate:down

ALTER TABLE log_state DROP channel;
