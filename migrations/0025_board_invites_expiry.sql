-- migrate:up

-- As those of chats, what is over is looked for every minute.
CREATE INDEX board_invites_expires_idx ON board_invites (expires_at);

-- migrate:down
DROP INDEX board_invites_expires_idx;
