-- migrate:up

-- The library that made snapshots until now gave a text other characters than clients have, where somebody had edited inside
-- a surrogate pair. Where all updates of which a snapshot was made are kept, it goes, and is made of them anew when the
-- board is next edited or left.
DELETE FROM board_snapshots s
WHERE s.seq = (SELECT count(*) FROM board_updates u WHERE u.board_id = s.board_id AND u.seq <= s.seq);

-- migrate:down
SELECT 1;  -- snapshots are made again
