-- migrate:up
-- A notify_server that stops sends its streams to those that go on (ADR 96).
ALTER TABLE notify_nodes ADD stops boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE notify_nodes DROP stops;
