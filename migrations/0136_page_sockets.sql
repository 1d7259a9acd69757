-- migrate:up

-- The sockets of one page, and of many.
ALTER TABLE streams
    DROP CONSTRAINT streams_transport_known,
    ADD CONSTRAINT streams_transport_known
        CHECK (transport IN ('sse', 'websocket', 'yjs', 'hocuspocus', 'json', 'page', 'pages'));

-- migrate:down
DELETE FROM streams WHERE transport IN ('page', 'pages');
ALTER TABLE streams
    DROP CONSTRAINT streams_transport_known,
    ADD CONSTRAINT streams_transport_known CHECK (transport IN ('sse', 'websocket', 'yjs', 'hocuspocus', 'json'));
