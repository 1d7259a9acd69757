-- migrate:up

-- A socket with boards is among the streams too, by its protocol's name: whoever is on a board is online.
ALTER TABLE streams
    DROP CONSTRAINT streams_transport_known,
    ADD CONSTRAINT streams_transport_known CHECK (transport IN ('sse', 'websocket', 'yjs', 'hocuspocus', 'json'));

-- migrate:down
DELETE FROM streams WHERE transport NOT IN ('sse', 'websocket');
ALTER TABLE streams
    DROP CONSTRAINT streams_transport_known,
    ADD CONSTRAINT streams_transport_known CHECK (transport IN ('sse', 'websocket'));
