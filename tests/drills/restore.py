"""A database is lost and comes back as it was at a moment: a full backup, two incremental ones, and the archived WAL.

The commands are those of docs/operations/backup.md. People post all the while, also at that
moment, so what must be there again is read from the lost database: what PostgreSQL committed by then.
"""

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import asyncpg

from chat_core.database import migrations
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import account_for, programs
from chat_core.database.pool import Connection
from tests.drills.drill import Drill, Exercise
from tests.end_to_end.system import PASSWORD, Person, System
from tests.sql.world import until
from tests.support.clients.listener import Listener
from tests.support.postgres import apply_roles, execute
from tests.support.servers import ServerProcess

DATABASE = "fechatter"
COMMITTED = "SELECT {} FROM {} WHERE pg_xact_commit_timestamp(xmin) <= $1 ORDER BY 1"


class Backups(Protocol):
    """What takes backups, and puts them back."""

    @property
    def settings(self) -> dict[str, str]:
        """Those of PostgreSQL."""
        ...

    async def begin(self, postgres: EmbeddedPostgres) -> None: ...

    async def take(self, postgres: EmbeddedPostgres) -> None:
        """A full backup, and then one of what has changed since the one before."""
        ...

    async def end(self) -> None:
        """Everything up to here has arrived."""
        ...

    async def put_back(self, data: Path, moment: str) -> None:
        """A new data directory, which PostgreSQL fills up to the moment."""
        ...


class Core:
    """PostgreSQL's own programs."""

    def __init__(self, folder: Path) -> None:
        self._account = account_for(folder / "lost" / "postgres", lambda _: None)
        self._bin_dir = programs(self._account, None)
        self._folder, self._archive = folder / "kept", folder / "kept" / "archive"
        self._backups: list[Path] = []
        for made in (self._folder, self._archive):
            made.mkdir()
            self._account.give(made)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "summarize_wal": "on",
            "archive_mode": "on",
            "archive_command": f"test ! -f {self._archive}/%f && cp %p {self._archive}/%f",
        }

    async def begin(self, postgres: EmbeddedPostgres) -> None:
        """It archives by itself."""

    async def take(self, postgres: EmbeddedPostgres) -> None:
        target = self._folder / f"backup-{len(self._backups)}"
        since = [f"--incremental={self._backups[-1] / 'backup_manifest'}"] if self._backups else []
        await self._run(
            "pg_basebackup", f"--dbname={postgres.dsn()}", f"--pgdata={target}", "--checkpoint=fast", *since
        )
        await self._run("pg_verifybackup", target)
        self._backups.append(target)

    async def end(self) -> None:
        """A PostgreSQL that stops archives what is left."""

    async def put_back(self, data: Path, moment: str) -> None:
        made = self._folder / "combined"
        await self._run("pg_combinebackup", *self._backups, f"--output={made}")
        await self._run("pg_verifybackup", made)
        shutil.move(made, data)
        with (data / "postgresql.auto.conf").open("a") as settings:
            settings.write(
                f"restore_command = 'cp {self._archive}/%f %p'\nrecovery_target_time = '{moment}'\n"
                "recovery_target_action = 'promote'\n"
            )
        (data / "recovery.signal").touch()

    async def _run(self, program: str, *arguments: str | Path) -> None:
        done = await asyncio.to_thread(self._account.run, self._bin_dir / program, *arguments)
        assert done.returncode == 0, f"{program} {' '.join(map(str, arguments))}: {done.stderr}"


async def run(exercise: Exercise) -> str:
    return await rehearsed(exercise, Core(exercise.folder))


async def rehearsed(exercise: Exercise, backups: Backups) -> str:
    settings = {**backups.settings, "track_commit_timestamp": "on"}
    lost = EmbeddedPostgres(exercise.folder / "lost", settings=settings)
    await exercise.stack.enter_async_context(lost)
    await _fill(lost)
    await backups.begin(lost)
    system = await _serve(exercise, lost)
    people = await system.team("Ada", "Grace")
    chat = await system.group(*people)
    posting = [asyncio.create_task(_post(person, chat)) for person in people]
    async with people[0].follow() as heard:
        await backups.take(lost)
        for _ in range(2):
            await _more(heard)
            await backups.take(lost)
        await _more(heard)
        async with system.sql() as sql:
            moment = await sql.fetchval("SELECT clock_timestamp()")
        await _more(heard)  # what is lost
        for task in posting:
            task.cancel()
        cursor = heard.cursor
    async with system.sql() as sql:
        expected = {
            table: [row[0] for row in await sql.fetch(COMMITTED.format(column, table), moment)]
            for table, column in (("messages", "id"), ("events", "position"))
        }
        all_of_it = await sql.fetchval("SELECT count(*) FROM messages")
    exercise.report(f"{all_of_it} messages, {len(expected['messages'])} of them by {moment}")
    await backups.end()
    await _stop(system)
    await lost.stop()

    restored = EmbeddedPostgres(exercise.folder / "restored")
    (exercise.folder / "restored").mkdir(mode=0o711)
    await backups.put_back(exercise.folder / "restored" / "postgres", moment.isoformat())
    await exercise.stack.enter_async_context(restored)
    again = await asyncpg.connect(restored.dsn(DATABASE))
    await until(lambda: again.fetchval("SELECT NOT pg_is_in_recovery()"), "the moment is reached")
    for table, column in (("messages", "id"), ("events", "position")):
        found = [row[0] for row in await again.fetch(f"SELECT {column} FROM {table} ORDER BY 1")]
        assert found == expected[table], f"{table}: {_difference(found, expected[table])}"
    await _goes_on(await _serve(exercise, restored), people[0].email, chat, cursor, again)
    await again.close()
    back = f"{len(expected['messages'])} of {all_of_it} messages were committed by then, and exactly these are back"
    return f"{back}; a cursor above it gets a reset, and posting goes on"


async def _goes_on(system: System, email: str, chat: int, cursor: str | None, sql: Connection) -> None:
    """Who has seen what is lost starts anew, and has all that is there; new events have positions of their own."""
    person = await system.nobody()
    await person.sign_in(email, PASSWORD)
    async with person.listen(cursor) as stream:
        await stream.until_kind("reset")
    there = [message.id async for message in person.messages.newest(chat)]
    assert sorted(there) == [row[0] for row in await sql.fetch("SELECT id FROM messages ORDER BY 1")]
    async with person.listen(stream.cursor) as stream:
        posted = await person.messages.post(chat, "after the restore")
        event = await stream.until_kind("NewMessage")
        assert event.data["id"] == posted.id
    assert await sql.fetchval("SELECT count(*) = count(DISTINCT position) FROM events")


async def _fill(postgres: EmbeddedPostgres) -> None:
    await execute(postgres, f"CREATE DATABASE {DATABASE}")
    connection: Connection = await asyncpg.connect(postgres.dsn(DATABASE))
    await migrations.up(connection, lambda _: None)
    await apply_roles(connection)
    await connection.close()


async def _serve(exercise: Exercise, postgres: EmbeddedPostgres) -> System:
    chat = ServerProcess("chat-server", postgres.dsn(DATABASE, "fechatter_chat"), exercise.keys, {})
    notify = ServerProcess("notify-server", postgres.dsn(DATABASE, "fechatter_notify"), exercise.keys, {})
    for server in (chat, notify):
        await server.start()
        exercise.stack.push_async_callback(server.stop)
    system = System(postgres.dsn(DATABASE), chat, notify)
    exercise.stack.push_async_callback(system.forget_people)
    return system


async def _stop(system: System) -> None:
    await system.forget_people()
    await system.chat.stop()
    await system.notify.stop()


async def _post(person: Person, chat: int) -> None:
    number = 0
    while True:
        number += 1
        await person.messages.post(chat, f"{person.email} {number}")


async def _more(heard: Listener, amount: int = 100) -> None:
    enough = len(heard.received) + amount
    await heard.until(lambda it: len(it.received) >= enough)


def _difference(found: Iterable[int], expected: Iterable[int]) -> str:
    return f"{sorted(set(expected) - set(found))} are missing, {sorted(set(found) - set(expected))} are too many"


DRILL = Drill(
    fault="a database is lost, and put back as it was at a moment (full and incremental backups, archived WAL)",
    expected="exactly what was committed by then; cursors above it get a reset; positions are of one event each",
    run=run,
)
