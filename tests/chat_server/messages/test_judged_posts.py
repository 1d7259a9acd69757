"""Rules that take long: nobody else waits for them, and only what takes long fails."""

import asyncio
from unittest import mock

import pytest

from chat_core.database.pool import Connection
from chat_server.parts import writer
from tests.chat_server.messages.test_writer import queued, send
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database

# A rule finds out about `slow` for a minute.
SLOW = """
CREATE OR REPLACE FUNCTION dlp_may_find(screen dlp_screens, plain text) RETURNS boolean LANGUAGE sql
RETURN CASE WHEN plain LIKE 'slow%' THEN pg_sleep(60) IS NULL ELSE false END
"""
SLEEPING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"


async def sleeping(sql: Connection) -> int:
    while (pid := await sql.fetchval(SLEEPING)) is None:
        pass
    return int(pid)


@pytest.mark.chat_server(features={"enable_advanced_admin": True})
async def test_nobody_else_waits_for_rules_and_what_takes_long_fails_alone(
    chat_server: ChatServer, database: Database
) -> None:
    mallory = await chat_server.sign_up("Mallory")
    ada, bob = await chat_server.team("Ada", "Bob")
    good, bad, beside = await ada.chat(bob), await mallory.chat(), await mallory.chat()
    words = {"name": "w", "kind": "words", "words": ["falcon"], "action": "flag"}
    ok(await mallory.api.post(f"/api/workspaces/{mallory.workspace}/dlp-rules", json=words), 201)

    async with database.connect() as sql, asyncio.timeout(60):
        await sql.execute(SLOW)
        with mock.patch.object(writer, "JUDGING_MS", 60_000):
            first = send(mallory, bad, "slow")
            pid = await sleeping(sql)
            await bob.say(good, "meanwhile")
            assert not first.done()
        with mock.patch.object(writer, "JUDGING_MS", 300):
            batch = []
            for number, (chat, content) in enumerate(((bad, "slow, too"), (beside, "quick"), (bad, "slow")), start=1):
                batch.append(send(mallory, chat, content))
                await queued(chat_server, number)
            await sql.execute("SELECT pg_cancel_backend($1)", pid)
            problem(await first, 503, "database_unavailable")
            answers = [await posted for posted in batch]
    problem(answers[0], 503, "database_unavailable")
    ok(answers[1], 201)
    problem(answers[2], 503, "database_unavailable")
