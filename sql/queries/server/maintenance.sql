-- name: steady_clock_advance()
-- Lets the clock of what is destroyed by age follow Postgres', once a minute whatever number of servers asks; returns the
-- time that it has reached.
SELECT advance_steady_clock('50 s');

-- name: log_maintain(retention_days)
-- Creates the coming days of the event log and drops those that are too old; returns the dropped ones.
SELECT log_maintain(make_interval(days => :retention_days));

-- name: grown_tables_analyze()
-- Renews the plans that were made for tables of half the size or less; returns these tables.
SELECT analyze_grown_tables();

-- name: tickets_expire()
-- A batch: rows that another server is deleting are skipped.
DELETE FROM tickets WHERE hash IN
    (SELECT hash FROM tickets WHERE expires_at < now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: sessions_expire()
-- Sessions whose last refresh token has expired, with all their refresh tokens.
DELETE FROM sessions WHERE id IN
    (SELECT id FROM sessions WHERE expires_at < now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: devices_expire()
-- Devices without a sign-in for a year.
DELETE FROM devices WHERE (user_id, hash) IN
    (SELECT user_id, hash FROM devices WHERE signed_in_at < now() - interval '1 year'
     LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: password_resets_expire()
-- Resets that were not used in time: there are few, and the servers may not change any, so none is locked for it.
DELETE FROM password_resets WHERE user_id IN
    (SELECT user_id FROM password_resets WHERE expires_at < now() LIMIT 1000) RETURNING 1;

-- name: mails_expire()
-- Mails whose links have been over for a week, until when an operator may ask what became of them.
DELETE FROM mails WHERE id IN
    (SELECT id FROM mails WHERE expires_at < now() - interval '7 days' LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: address_changes_expire()
-- Changes of addresses that were not confirmed in time.
DELETE FROM address_changes WHERE user_id IN
    (SELECT user_id FROM address_changes WHERE expires_at < now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: used_once_expire()
-- What could no longer be used a second time.
DELETE FROM used_once WHERE hash IN
    (SELECT hash FROM used_once WHERE expires_at < now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: pending_sign_ins_expire()
-- Sign-ins whose second factor did not come in time.
DELETE FROM pending_sign_ins WHERE hash IN
    (SELECT hash FROM pending_sign_ins WHERE expires_at < now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: idempotency_keys_expire()
-- Retries are expected within a day.
DELETE FROM idempotency_keys WHERE (user_id, key) IN
    (SELECT user_id, key FROM idempotency_keys WHERE created_at < (SELECT steady_now()) - interval '24 hours'
     LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: page_refusals_expire()
-- A server that has been stopped for that time comes back with nothing: its connections are gone.
DELETE FROM page_refusals WHERE (page_id, op_id) IN
    (SELECT page_id, op_id FROM page_refusals WHERE refused_at < (SELECT steady_now()) - interval '30 days' LIMIT 1000) RETURNING 1;

-- name: rate_limits_expire()
-- Expired windows.
DELETE FROM rate_limits WHERE bucket IN
    (SELECT bucket FROM rate_limits WHERE window_ends < now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: statuses_expire()
-- Expired statuses of users.
UPDATE users SET status_text = NULL, status_emoji = NULL, status_until = NULL WHERE id IN
    (SELECT id FROM users WHERE status_until <= now() LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED) RETURNING 1;

-- name: bans_expire()
-- Expired bans; their chats are notified.
DELETE FROM chat_bans WHERE (chat_id, user_id) IN
    (SELECT chat_id, user_id FROM chat_bans WHERE expires_at <= now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: invites_expire()
-- Expired invites; those who knew of them are notified.
DELETE FROM invites WHERE id IN
    (SELECT id FROM invites WHERE expires_at <= now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: silences_expire()
-- Expired silences of members; their chats are notified.
UPDATE chat_members SET silenced_until = NULL WHERE (chat_id, user_id) IN
    (SELECT chat_id, user_id FROM chat_members WHERE silenced_until <= now() LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING 1;

-- name: silences_left_expire()
-- Expired silences of users who had left; nobody is notified.
DELETE FROM chat_silences WHERE (chat_id, user_id) IN
    (SELECT chat_id, user_id FROM chat_silences WHERE until <= now() LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1;

-- name: chats_overdue(after, limit)
-- Chats, by id, whose oldest message has expired.
SELECT chats.id FROM chats JOIN workspaces ON workspaces.id = workspace_id
WHERE chats.id > :after AND kept_days(chats, workspaces) IS NOT NULL
  AND (SELECT created_at FROM messages WHERE chat_id = chats.id ORDER BY seq LIMIT 1)
      < (SELECT steady_now()) - make_interval(days => kept_days(chats, workspaces))
ORDER BY chats.id LIMIT :limit;

-- name: messages_expire(chat, batch)
-- Deletes a chat's oldest messages, as far as they have expired; returns how many.
SELECT expire_messages(:chat, :batch);

-- name: boards_overdue(after, history_days, limit)
-- Boards, by id, whose oldest update is in their snapshot and has expired.
SELECT s.board_id FROM board_snapshots s JOIN LATERAL (
    SELECT seq, created_at FROM board_updates u WHERE u.board_id = s.board_id ORDER BY seq LIMIT 1
) oldest ON oldest.seq <= s.seq AND oldest.created_at < (SELECT steady_now()) - make_interval(days => :history_days)
WHERE s.board_id > :after ORDER BY s.board_id LIMIT :limit;

-- name: pages_overdue(after, history_days, limit)
-- Pages, by id, whose oldest patch is in their snapshot and has expired.
SELECT s.page_id FROM page_snapshots s JOIN LATERAL (
    SELECT version, created_at FROM page_ops o WHERE o.page_id = s.page_id ORDER BY version LIMIT 1
) oldest ON oldest.version <= s.version AND oldest.created_at < (SELECT steady_now()) - make_interval(days => :history_days)
WHERE s.page_id > :after ORDER BY s.page_id LIMIT :limit;

-- name: page_ops_expire(page, history_days, batch)
-- Deletes a page's oldest patches, as far as its snapshot has them and they have expired; returns how many.
SELECT expire_page_ops(:page, make_interval(days => :history_days), :batch);

-- name: board_updates_expire(board, history_days, batch)
-- Deletes a board's oldest updates, as far as its snapshot has them and they have expired; returns how many.
SELECT expire_board_updates(:board, make_interval(days => :history_days), :batch);
