-- Each column has its empty, usual and odd values, in combinations that nobody thinks of.
SET session_replication_role = replica;
SELECT setseed(0.2029);
UPDATE users SET avatar = 'a"vatar', status_text = E'away \t', status_until = 'infinity' WHERE id % 2 = 0;
INSERT INTO users (email, username, fullname, password_hash)
SELECT 'u' || n || '@example.com', 'u' || n, (ARRAY['U', E'Ü "\\\n', '👍'])[1 + n % 3], '' FROM generate_series(1, 110) n;
INSERT INTO workspace_members (workspace_id, user_id, role) SELECT 1, id, 'member' FROM users WHERE username ~ '^u\d';
INSERT INTO chats (id, workspace_id, type, name, description, password_hash, archived_at, retention_days, last_seq, first_seq,
                   first_message_id, member_count) OVERRIDING SYSTEM VALUE
SELECT n, 1, (ARRAY['Single', 'Group', 'PrivateChannel', 'PublicChannel'])[1 + n % 4], E'ch\u00e4t "' || n, repeat('d', n % 5),
       CASE WHEN n % 4 = 2 AND random() < 0.5 THEN 'hash' END, CASE WHEN random() < 0.2 THEN now() END,
       CASE WHEN random() < 0.2 THEN 7 END, n % 40, 1, 1, CASE WHEN n % 20 = 7 THEN 101 ELSE 5 END
FROM generate_series(100, 180) n;
INSERT INTO chat_members (chat_id, user_id, workspace_id, role, last_read_seq, silenced_until, notification_level, muted_until,
                          late_mentions)
SELECT c.id, u.id, 1, (ARRAY['owner', 'admin', 'member'])[1 + floor(random() * 3)::int], floor(random() * (last_seq + 1)),
       CASE WHEN random() < 0.2 THEN now() + interval '1 day' END, (ARRAY['all', 'mentions', 'none'])[1 + floor(random() * 3)::int],
       CASE WHEN random() < 0.2 THEN now() END, CASE WHEN random() < 0.3 THEN ARRAY[1, 3, 5]::bigint[] END
FROM chats c, users u WHERE c.id >= 100 AND (u.id <= 5 AND random() < 0.8 OR c.member_count > 100);
INSERT INTO messages (id, chat_id, seq, sender_id, content, created_at, updated_at, type, metadata, reply_to, thread_id, thread_seq,
                      thread, forwarded_from, reactions, mentions, mentions_everyone, files, deleted_at, deleted_by)
OVERRIDING SYSTEM VALUE SELECT nextval('messages_id_seq'), id, n, 1 + n % 5,
       CASE WHEN deleted THEN '' ELSE (ARRAY['plain', E'q"\\/\n\t\u00e9\u2028👍<', repeat('long ', 1900), '{"a": 1}'])[
           CASE WHEN random() < 0.1 THEN 3 ELSE 1 + (n % 3) + (n % 3) / 2 END] END,
       now() - n * interval '1.0001 seconds', CASE WHEN NOT deleted AND random() < 0.1 THEN now() END,
       (ARRAY['text', 'image', 'file'])[1 + n % 3],
       CASE WHEN NOT deleted AND odd < 0.1 THEN '{"k": [1, "ü", null]}'::jsonb END,
       CASE WHEN odd BETWEEN 0.1 AND 0.2 THEN 1 END, CASE WHEN odd BETWEEN 0.1 AND 0.2 THEN 1 END, CASE WHEN odd BETWEEN 0.1 AND 0.2 THEN n END,
       CASE WHEN odd BETWEEN 0.2 AND 0.3 THEN '{"reply_count": 2, "participants": [1, 2]}'::jsonb END,
       CASE WHEN NOT deleted AND odd BETWEEN 0.3 AND 0.4 THEN '{"message_id": 1, "chat_id": 1, "sender_id": 1}'::jsonb END,
       CASE WHEN odd BETWEEN 0.35 AND 0.5 THEN '[{"emoji": "👍", "count": 1, "user_ids": [1]}]'::jsonb END,
       CASE WHEN odd BETWEEN 0.4 AND 0.55 THEN ARRAY[1, 2]::bigint[] END, CASE WHEN odd BETWEEN 0.5 AND 0.6 THEN 'all' END,
       CASE WHEN NOT deleted AND odd BETWEEN 0.55 AND 0.65 THEN ARRAY[2, 1, 99]::bigint[] END,
       CASE WHEN deleted THEN now() END, CASE WHEN deleted THEN 2 END
FROM (SELECT id, n, random() AS odd, random() < 0.1 AS deleted FROM chats, generate_series(1, last_seq) n WHERE id >= 100 OFFSET 0) made
WHERE odd < 0.97;
INSERT INTO files (id, workspace_id, uploader_id, sha256, size, type, name, width, height, state) OVERRIDING SYSTEM VALUE VALUES
    (1, 1, 1, '\x01', 5, 'image/png', 'ä"b.png', 4, 5, 'ready'), (2, 1, 1, '\x02', 5, 'text/plain', 'b', NULL, NULL, 'pending');
INSERT INTO mentions (message_id, chat_id, seq, user_id)
SELECT id, chat_id, seq, CASE WHEN random() < 0.8 THEN 1 + floor(random() * 5) END FROM messages WHERE chat_id >= 100 AND random() < 0.5;
INSERT INTO message_pins (message_id, chat_id, id, pinned_by) OVERRIDING SYSTEM VALUE SELECT id, chat_id, 10000 - id, 1 FROM messages WHERE random() < 0.05;
INSERT INTO drafts (chat_id, user_id, content) SELECT chat_id, user_id, E'dr\u00e4ft "' FROM chat_members WHERE random() < 0.3;
INSERT INTO thread_drafts (thread_id, chat_id, user_id, content)
SELECT m.id, m.chat_id, o.user_id, 're "' FROM (SELECT DISTINCT ON (chat_id) id, chat_id FROM messages WHERE thread_id IS NULL) m JOIN chat_members o USING (chat_id)
WHERE random() < 0.2 ON CONFLICT DO NOTHING;
INSERT INTO chat_bans (chat_id, user_id, banned_by, reason, created_at, expires_at)
SELECT id, 10 + n, 1, 'r"', now() - n * interval '1 minute', CASE WHEN random() < 0.5 THEN now() + interval '1 hour' END
FROM chats, generate_series(1, id % 3) n;
INSERT INTO invites (chat_id, token_hash, role, created_by, expires_at, max_uses)
SELECT id, sha256(convert_to(id || ' ' || n, 'UTF8')), 'member', 1, now() + interval '1 hour', nullif(n, 1)
FROM chats, generate_series(1, id % 3) n;
INSERT INTO documents (id, kind, workspace_id, name, member_count, deleted_at) OVERRIDING SYSTEM VALUE
SELECT n, 'board', 1, E'b\u00f6ard "' || n, CASE n % 10 WHEN 1 THEN 101 ELSE 3 END, CASE WHEN n % 7 = 1 THEN now() END
FROM generate_series(1, 30) n;
INSERT INTO document_members (document_id, kind, user_id, workspace_id, role, invited_by)
SELECT d.id, d.kind, u.id, 1, (ARRAY['owner', 'editor', 'viewer'])[1 + floor(random() * 3)::int], nullif(u.id, 2)
FROM documents d, users u WHERE u.id <= 5 AND random() < 0.8;
INSERT INTO document_thumbnails (document_id, data) SELECT id, '\x89504e470d0a1a0a' FROM documents WHERE id % 3 = 0;
INSERT INTO document_versions (id, document_id, name, seq, state, created_by) OVERRIDING SYSTEM VALUE
SELECT id * 10 + n, id, 'v"' || n, n, '\\x00', nullif(n, 2) FROM documents, generate_series(1, id % 4) n;
INSERT INTO invites (document_id, token_hash, role, created_by, expires_at)
SELECT id, sha256(convert_to('d' || id, 'UTF8')), 'editor', 1, now() + interval '1 hour' FROM documents WHERE id % 2 = 0;
SET session_replication_role = origin;
