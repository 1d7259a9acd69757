"""The clock of Postgres' machine is 30 days ahead for a minute: libfaketime gives that to a real Postgres alone.

The log keeps its days for less than the jump, and has 20 of them. Maintenance runs meanwhile, as chat_server does it.
"""

import os
from datetime import timedelta
from pathlib import Path

import asyncpg

from chat_core.database import migrations
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import open_pool
from chat_core.settings import Settings
from chat_server.background.maintenance import maintain_once
from tests.drills.drill import Drill, Exercise, faketime, faketime_library
from tests.end_to_end.system import System, contents
from tests.support.postgres import apply_roles, execute
from tests.support.servers import ServerProcess

RETENTION_DAYS = 25
POST = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, $3)"
KEPT = """
SELECT (SELECT count(*) FROM events) AS events, (SELECT floor FROM log_state) AS floor,
       (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM idempotency_keys) AS keys
"""


class Clock:
    """What Postgres takes for the time, as so much away from the real one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.turn(timedelta())
        file.chmod(0o644)

    def turn(self, ahead: timedelta) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(f"{ahead.total_seconds():+.0f}")
        new.chmod(0o644)
        new.replace(self._file)

    async def start(self, postgres: EmbeddedPostgres) -> None:
        os.environ.update(
            LD_PRELOAD=str(faketime_library()),
            FAKETIME_TIMESTAMP_FILE=str(self._file),
            FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
        )
        await postgres.start()
        for name in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC"):
            del os.environ[name]


async def run(exercise: Exercise) -> str:
    clock = Clock(exercise.folder / "clock")
    postgres = EmbeddedPostgres(exercise.folder / "data")
    exercise.stack.push_async_callback(postgres.stop)
    await clock.start(postgres)
    await execute(postgres, "CREATE DATABASE fechatter")
    sql = await asyncpg.connect(postgres.dsn("fechatter"))
    exercise.stack.push_async_callback(sql.close)
    await migrations.up(sql, lambda _: None)
    await apply_roles(sql)
    keeps = {"FECHATTER_EVENTS__RETENTION_DAYS": str(RETENTION_DAYS)}
    chat = ServerProcess("chat-server", postgres.dsn("fechatter", "fechatter_chat"), exercise.keys, keeps)
    notify = ServerProcess("notify-server", postgres.dsn("fechatter", "fechatter_notify"), exercise.keys, {})
    for server in (chat, notify):
        await server.start()
        exercise.stack.push_async_callback(server.stop)
    system = System(postgres.dsn("fechatter"), chat, notify)
    exercise.stack.push_async_callback(system.forget_people)
    settings = Settings.model_validate({"database": {"url": postgres.dsn("fechatter", "fechatter_chat")}})
    pool = await open_pool(settings.database, "drill")
    exercise.stack.push_async_callback(pool.close)

    ada, grace = await system.team("Ada", "Grace")
    group = await system.group(ada, grace)
    async with ada.listen() as stream:
        await ada.messages.post(group, "the first of all")
        await stream.until_kind("NewMessage")
    await sql.execute("UPDATE chats SET retention_days = $1 WHERE id = $2", RETENTION_DAYS, group)
    # Weeks pass as they do for the servers: a day in several looks of the steady clock.
    for day in range(1, 21):
        clock.turn(timedelta(days=day))
        for _ in range(24 * 6 + 1):
            await sql.execute("SELECT advance_steady_clock()")
        await sql.execute(POST, group, ada.id, f"day {day}")
        await maintain_once(pool, RETENTION_DAYS)
    again = await system.sign_in(ada)
    keyed = await again.messages.post(group, "once", idempotency_key="this-morning")
    before = dict(await sql.fetchrow(KEPT) or ())
    today = await sql.fetchval("SELECT now()")
    exercise.report(f"{before}, at {today}")

    clock.turn(timedelta(days=50))
    assert await sql.fetchval("SELECT now()") - today > timedelta(days=29), "the clock has jumped"
    await sql.execute(POST, group, ada.id, "posted meanwhile")
    for _ in range(2):  # what chat_server does in such a minute
        await maintain_once(pool, RETENTION_DAYS)
    during = dict(await sql.fetchrow(KEPT) or ())
    clock.turn(timedelta(days=20))
    await maintain_once(pool, RETENTION_DAYS)
    after = dict(await sql.fetchrow(KEPT) or ())
    exercise.report(f"{during} meanwhile, {after} afterwards")

    assert during["floor"] == after["floor"] == before["floor"], "days of the log were dropped"
    assert after["events"] == during["events"] > before["events"]
    assert after["messages"] == before["messages"] + 1, "messages were deleted before their time"
    assert after["keys"] == before["keys"], "keys of requests were forgotten"
    person = await system.sign_in(ada)
    assert (await person.messages.post(group, "once", idempotency_key="this-morning")).id == keyed.id
    async with person.listen(stream.cursor) as replayed:
        await person.messages.post(group, "afterwards")
        await replayed.until(lambda heard: "afterwards" in contents(heard))
    assert "reset" not in replayed.kinds()
    assert contents(replayed) == [*(f"day {day}" for day in range(1, 21)), "once", "posted meanwhile", "afterwards"]
    kept = f"{after['events']} events of 20 days, {after['messages']} messages and {after['keys']} keys kept"
    return f"{kept}; a cursor of the first day gets all of them, and a repeated request its message"


DRILL = Drill(
    fault="primary's clock 30 days ahead for a minute, while maintenance runs",
    expected="the log, messages and keys of requests keep their days; no cursor is reset",
    run=run,
    needs=(faketime,),
)
