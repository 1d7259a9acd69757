"""What is over goes; what is not stays."""

import asyncio
from datetime import timedelta

import pytest

from chat_core.database.pool import open_pool
from chat_core.settings import Settings
from chat_server.background.maintenance import expire_history, keep_statistics, maintain_once
from tests.sql.world import until
from tests.support.postgres import Database

ROWS = """
INSERT INTO users (email, fullname, password_hash) VALUES ('a@example.com', 'A', '');
INSERT INTO workspaces (name) VALUES ('w');
INSERT INTO workspace_members (workspace_id, user_id, role) SELECT w.id, u.id, 'owner' FROM workspaces w, users u;
SELECT create_chat(u.id, w.id, 'Group', '', '', '{}') FROM workspaces w, users u;
INSERT INTO messages (chat_id, sender_id, content) SELECT c.id, u.id, 'x' FROM chats c, users u;
INSERT INTO sessions (user_id, expires_at)
    SELECT id, now() + age FROM users, unnest(ARRAY[interval '-1 minute', interval '1 minute']) age;
INSERT INTO refresh_tokens (hash, session_id) SELECT int8send(id), id FROM sessions;
INSERT INTO tickets (hash, session_id, expires_at, token_expires_at)
    SELECT int8send(n), max(id), now() + CASE WHEN n > 2500 THEN 1 ELSE -1 END * interval '1 minute', now()
    FROM sessions, generate_series(1, 2501) n GROUP BY n;
INSERT INTO idempotency_keys (user_id, key, fingerprint, message_id, created_at)
    SELECT u.id, age::text, '', m.id, now() - age
    FROM users u, messages m, unnest(ARRAY[interval '23 hours', interval '25 hours']) age;
INSERT INTO rate_limits (bucket, hits, window_ends)
    VALUES ('over', 1, now() - interval '1s'), ('not over', 1, now() + interval '1m');
"""
STATUSES = """
INSERT INTO users (email, fullname, password_hash, status_text, status_until) VALUES
    ('over@example.com', 'O', '', 'x', now() - interval '1s'),
    ('not.over@example.com', 'N', '', 'x', now() + interval '1m');
"""
PASSED, COMING = "now() - interval '1 minute'", "now() + interval '1 minute'"
ROOMS = f"""
INSERT INTO users (email, fullname, password_hash) SELECT n || '@example.com', n, '' FROM generate_series(1, 5) n;
INSERT INTO workspaces (name) VALUES ('w');
INSERT INTO workspace_members (workspace_id, user_id, role) SELECT 1, id, 'owner' FROM users;
SELECT create_chat(1, 1, 'Group', '', '', '{{2,3,4,5}}');
INSERT INTO chat_bans (chat_id, user_id, created_at, expires_at) VALUES
    (1, 2, now() - interval '1 day', {PASSED}), (1, 3, now(), {COMING});
INSERT INTO chat_bans (chat_id, user_id) VALUES (1, 4);
SELECT create_document(1, 1, 'board', 'plans');
INSERT INTO invites (chat_id, document_id, role, created_by, token_hash, created_at, expires_at) VALUES
    (1, NULL, 'member', 1, sha256('over'), now() - interval '1 day', {PASSED}),
    (NULL, 1, 'viewer', 1, sha256('over too'), now() - interval '1 day', {PASSED}),
    (1, NULL, 'member', 1, sha256('not over'), now(), {COMING}),
    (NULL, 1, 'viewer', 1, sha256('not over either'), now(), {COMING});
UPDATE chat_members SET silenced_until = {PASSED} WHERE user_id = 1;
UPDATE chat_members SET silenced_until = {COMING} WHERE user_id = 5;
INSERT INTO chat_silences VALUES (1, 2, {PASSED}), (1, 3, {COMING});
"""
# Versions 2 to 4 are old, and the snapshot has up to 3.
PAGES = """
    SELECT create_document(1, 1, 'page', 'x');
    INSERT INTO page_ops (page_id, patch, created_at)
    SELECT id, '[]', now() - CASE WHEN n <= 4 THEN interval '40 days' ELSE '1 day' END
    FROM documents, generate_series(2, 6) n WHERE kind = 'page' ORDER BY n;
    SELECT page_keep_snapshot(id, 3, '{}', '{}', '{}', '{}') FROM documents WHERE kind = 'page';
"""
BOARDS = """
BEGIN;
INSERT INTO documents (kind, workspace_id, name) SELECT 'board', w.id, 'b' FROM workspaces w, generate_series(1, 2);
INSERT INTO document_members (document_id, user_id, role) SELECT b.id, u.id, 'owner' FROM documents b, users u;
COMMIT;
INSERT INTO board_updates (board_id, seq, origin, data, created_at)
    SELECT b.id, seq, '', '\\x0000', now() - (35 - seq * 2) * interval '1 day'
    FROM documents b, generate_series(1, 4) seq;
UPDATE documents SET last_seq = 4;
INSERT INTO board_snapshots (board_id, seq, state, vector, deletions, pending) VALUES (1, 3, '', '', '', false);
"""
KEPT = {"sessions": 1, "refresh_tokens": 1, "tickets": 1, "idempotency_keys": 1, "rate_limits": 1}


@pytest.mark.parametrize("servers", [1, 4])
async def test_maintenance_by_one_server_and_by_several_at_once(database: Database, servers: int) -> None:
    settings = Settings.model_validate({"database": {"url": database.chat_url}})
    async with database.connect() as sql:
        await sql.execute(ROWS)
        lag = "UPDATE steady_clock SET reached_at = now() - interval '20 minutes' RETURNING reached_at"
        before = await sql.fetchval(lag)
        pool = await open_pool(settings.database, "test")
        try:
            await asyncio.gather(*(maintain_once(pool, 7) for _ in range(servers)))
            if servers > 1:  # what one was deleting, the others have skipped
                await maintain_once(pool, 7)
        finally:
            await pool.close()
        steps = await sql.fetchval("SELECT reached_at - $1 FROM steady_clock", before)
        assert steps == timedelta(minutes=10), "of all servers, one looks at the clock"
        for table, rows in KEPT.items():
            assert await sql.fetchval(f"SELECT count(*) FROM {table}") == rows, table
        days = await sql.fetchval("SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass")
        assert days == 5, "today, three days ahead, and the default"


async def test_tables_that_have_grown_are_analyzed_once(database: Database) -> None:
    settings = Settings.model_validate({"database": {"url": database.chat_url}})
    async with database.connect() as sql:
        await sql.execute("VACUUM ANALYZE")
        await sql.execute(ROWS)
        pool = await open_pool(settings.database, "test")
        keeping = asyncio.create_task(keep_statistics(pool, seconds=0.01))
        analyzed = "SELECT min(relpages) > 0 FROM pg_class WHERE relname IN ('messages', 'tickets', 'users')"
        try:
            await until(lambda: sql.fetchval(analyzed), "the tables are analyzed")
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await pool.close()
        await sql.fetch("SELECT analyze_grown_tables()")  # what was under way at the end
        assert await sql.fetch("SELECT analyze_grown_tables()") == []


async def test_a_status_that_is_over_goes_and_that_is_an_event(database: Database) -> None:
    settings = Settings.model_validate({"database": {"url": database.chat_url}})
    async with database.connect() as sql:
        await sql.execute(STATUSES)
        pool = await open_pool(settings.database, "test")
        try:
            await maintain_once(pool, 7)
        finally:
            await pool.close()
        told = await sql.fetch("SELECT kind, user_id, payload->'custom_status' #>> '{}' AS status FROM events")
        assert [tuple(row) for row in told] == [("UserUpdated", 1, None)]
        assert await sql.fetchval("SELECT array_agg(status_text ORDER BY id) FROM users") == [None, "x"]


async def test_bans_invites_and_silences_that_are_over_go_and_that_is_told(database: Database) -> None:
    settings = Settings.model_validate({"database": {"url": database.chat_url}})
    async with database.connect() as sql:
        await sql.execute(ROOMS)
        told = await sql.fetchval("SELECT max(position) FROM events")
        acts = await sql.fetchval("SELECT max(id) FROM audit_log")
        pool = await open_pool(settings.database, "test")
        try:
            await maintain_once(pool, 7)
        finally:
            await pool.close()
        assert await sql.fetchval("SELECT array_agg(user_id ORDER BY user_id) FROM chat_bans") == [3, 4]
        assert await sql.fetchval("SELECT array_agg(id ORDER BY id) FROM invites") == [3, 4]
        assert await sql.fetchval("SELECT array_agg(user_id) FROM chat_silences") == [3]
        silenced = "SELECT array_agg(user_id) FROM chat_members WHERE silenced_until IS NOT NULL"
        assert await sql.fetchval(silenced) == [5]
        events = await sql.fetch(
            "SELECT kind, audience, coalesce(payload ->> 'user_id', payload ->> 'id') AS about FROM events "
            "WHERE position > $1 ORDER BY position",
            told,
        )
        assert [tuple(event) for event in events] == [
            ("UserUnbanned", "chat", "2"),
            ("ChatInviteDeleted", "admins", "1"),
            ("BoardInviteDeleted", "admins", "2"),
            ("ChatMemberUpdated", "chat", "1"),
        ]
        assert await sql.fetchval("SELECT count(*) FROM audit_log WHERE id > $1", acts) == 0, "nobody did it"


async def test_the_history_of_documents_goes_where_a_snapshot_has_it(database: Database) -> None:
    settings = Settings.model_validate({"database": {"url": database.chat_url}})
    pool = await open_pool(settings.database, "test")
    try:
        async with database.connect() as sql:
            await sql.execute(ROWS)
            await sql.execute(BOARDS)
            await sql.execute(PAGES)
            await expire_history(pool, "board", 30)
            left = await sql.fetch("SELECT board_id, seq FROM board_updates ORDER BY 1, 2")
            assert [tuple(row) for row in left] == [(1, 3), (1, 4), (2, 1), (2, 2), (2, 3), (2, 4)]
            await expire_history(pool, "page", 30)
            left = await sql.fetch("SELECT version FROM page_ops ORDER BY 1")
            assert [row["version"] for row in left] == [4, 5, 6]
    finally:
        await pool.close()
