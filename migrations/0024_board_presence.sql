-- migrate:up

-- Who is on a board over which notify_server, so that the others know. Nobody's history: it is lost with a crash, goes
-- with the server's lease, and no event tells of it. state is what the client says, with the server's user_id in it.
CREATE UNLOGGED TABLE board_presence (
    board_id   bigint NOT NULL,
    node       text NOT NULL REFERENCES notify_nodes ON DELETE CASCADE,
    client_id  bigint NOT NULL,
    user_id    bigint NOT NULL,
    session_id bigint NOT NULL,
    clock      bigint NOT NULL,
    state      text NOT NULL,
    PRIMARY KEY (board_id, node, client_id)
) WITH (fillfactor = 50);
CREATE INDEX board_presence_node_idx ON board_presence (node);

-- migrate:down
DROP TABLE board_presence;
