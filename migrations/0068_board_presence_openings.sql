-- migrate:up

-- The opening of the board by which a client is there (next_board_opening): somebody who comes back over another node has a
-- higher one than the place that they have left. DEFAULT: a node of the former release does not tell it.
ALTER TABLE board_presence ADD COLUMN opening bigint NOT NULL DEFAULT 0;
-- It is made anew with one more argument (sql/functions/board_presence.sql).
DROP FUNCTION IF EXISTS tell_board_presence(text, bigint[], bigint[], bigint[], bigint[], bigint[], text[]);

-- migrate:down
ALTER TABLE board_presence DROP COLUMN opening;
