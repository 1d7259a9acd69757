-- Two people at work, for docs/operations/psql.md: a workspace with a channel and a Single chat, their sessions and streams.
SELECT create_user('Alice', 'alice@example.com', 'x', 'Acme');
SELECT create_user('Bob', 'bob@example.com', 'x');
SELECT create_user('Carol', 'carol@example.com', 'x');
INSERT INTO workspace_members (workspace_id, user_id) VALUES (1, 2), (1, 3);
SELECT create_chat(1, 1, 'PublicChannel', 'general', 'Everything', '{2,3}');
SELECT create_chat(2, 1, 'Single', '', '', '{1}');
-- A board that both have edited.
BEGIN;
INSERT INTO documents (kind, workspace_id, name, created_by) VALUES ('board', 1, 'Roadmap', 1);
INSERT INTO document_members (document_id, user_id, role) VALUES (1, 1, 'owner'), (1, 2, 'editor');
COMMIT;
SELECT board_append('3f9a11c2', '{1}', '{1}', ARRAY['\x0101a10100040101740568656c6c6f00'::bytea], 0, false);
SELECT board_append('b07c5e1d', '{1}', '{2}', ARRAY['\x0101b2020084a10104052c20796f7500'::bytea], 0, false);
SELECT open_session(1, 'x', '\x01', 30, NULL, sha256('1')), open_session(2, 'x', '\x02', 30, NULL, sha256('2')),
       open_session(2, 'x', '\x03', 30, NULL, sha256('3'));
SELECT ops.post_message(1, '1', 'Good morning');
SELECT ops.post_message(1, '2', 'Hi Alice');
SELECT ops.post_message(2, '2', 'Lunch?');
-- As two notify_servers report it.
SELECT report_streams('3f9a11c2', '[
    {"stream": 1, "user_id": 1, "session_id": 1, "address": "203.0.113.7", "opened_at": "2026-01-05T09:00:00Z"},
    {"stream": 2, "user_id": 2, "session_id": 2, "address": "198.51.100.4", "transport": "websocket", "opened_at": "2026-01-05T09:01:00Z"}]', '{}');
SELECT report_streams('b07c5e1d', '[
    {"stream": 1, "user_id": 2, "session_id": 3, "address": "198.51.100.4", "transport": "yjs", "opened_at": "2026-01-05T09:02:00Z"}]', '{}');
