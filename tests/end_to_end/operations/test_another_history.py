"""Positions that are used again, and a log that was cut by hand: nobody goes on as if nothing had happened."""

import asyncpg
import pytest

from tests.end_to_end.parts import kill_postgres
from tests.end_to_end.system import System, contents
from tests.support.postgres import FAST, TEMPLATE, copied, execute

# What takes events away, or would number the next ones like those that were read already.
BROKEN = {
    "positions repeat": "SELECT setval('events_position_seq', 3)",
    "events are gone": "SET fechatter.maintenance = on; DELETE FROM events WHERE position > 3",
    "all events are gone": "SET fechatter.maintenance = on; TRUNCATE events",
    "the state is gone": "SET fechatter.maintenance = on; TRUNCATE log_state",
}


@pytest.mark.system(notify__poll_seconds="0.5", server__workers="1")
@pytest.mark.parametrize("break_it", BROKEN.values(), ids=list(BROKEN))
async def test_streams_are_reset_and_get_all_that_comes_after(system: System, break_it: str) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    await ada.messages.post(chat, "before")
    async with grace.listen() as stream:
        async with system.sql() as sql:
            await sql.execute(break_it)
        reset = await stream.until_kind("reset")
        assert reset.data["reason"] == "epoch_changed"
        await stream.until_ended()
    # The cursor of the reset is one to go on from, and positions go on above all that were ever used.
    async with grace.listen(stream.cursor) as again:
        for text in ("one", "two"):
            await ada.messages.post(chat, text)
        await again.until(lambda s: len(contents(s)) == 2)
        assert contents(again) == ["one", "two"]
        assert "reset" not in again.kinds()


async def test_a_crash_takes_back_nothing_that_could_be_read() -> None:
    """Whatever a session asks for, its events are durable before anybody sees them."""
    settings = FAST | {"wal_writer_delay": "10s", "synchronous_commit": "off"}
    async with copied(None, settings) as postgres:
        await execute(postgres, f"ALTER DATABASE {TEMPLATE} RENAME TO fechatter")
        await execute(postgres, "CHECKPOINT")
        sql = await asyncpg.connect(postgres.dsn("fechatter"))
        assert await sql.fetchval("SHOW synchronous_commit") == "off"
        await sql.execute("CREATE TABLE unread (n int)")
        user = await sql.fetchval(
            "INSERT INTO users (username, email, fullname, password_hash) "
            "VALUES ('ada', 'ada@example.com', 'Ada', '') RETURNING id"
        )
        await sql.execute("INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '1 day')", user)
        await sql.execute("UPDATE sessions SET revoked_at = now(), revoked_reason = 'operator'")
        seen = await sql.fetch("SELECT position, kind FROM events ORDER BY position")
        assert seen
        await sql.execute("INSERT INTO unread VALUES (1)")
        await kill_postgres(postgres)
        sql = await asyncpg.connect(postgres.dsn("fechatter"))
        assert await sql.fetch("SELECT position, kind FROM events ORDER BY position") == seen
        assert await sql.fetchval("SELECT count(*) FROM unread") == 0, "this crash loses what is not durable"
        await sql.close()
