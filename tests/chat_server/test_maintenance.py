"""What is over goes; what is not stays."""

import asyncio

import pytest

from chat_core.pool import open_pool
from chat_core.settings import Settings
from chat_server.maintenance import maintain_once
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
KEPT = {"sessions": 1, "refresh_tokens": 1, "tickets": 1, "idempotency_keys": 1, "rate_limits": 1}


@pytest.mark.parametrize("servers", [1, 4])
async def test_maintenance_by_one_server_and_by_several_at_once(database: Database, servers: int) -> None:
    settings = Settings.model_validate({"database": {"url": database.chat_url}})
    async with database.connect() as sql:
        await sql.execute(ROWS)
        pool = await open_pool(settings.database, "test")
        try:
            await asyncio.gather(*(maintain_once(pool, 7) for _ in range(servers)))
            if servers > 1:  # what one was deleting, the others have skipped
                await maintain_once(pool, 7)
        finally:
            await pool.close()
        for table, rows in KEPT.items():
            assert await sql.fetchval(f"SELECT count(*) FROM {table}") == rows, table
        days = await sql.fetchval("SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass")
        assert days == 5, "today, three days ahead, and the default"


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
