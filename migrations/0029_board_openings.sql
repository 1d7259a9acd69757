-- migrate:up

-- Each opening of a board has a number, on whatever server: who comes back is told with a higher one who is there.
CREATE SEQUENCE board_openings;

-- migrate:down
DROP SEQUENCE board_openings;
