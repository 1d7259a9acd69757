"""Failovers between real clusters: what survives is the same log, and what does not is told to those who have it."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from chat_core.database.connecting import connect
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from chat_core.log.reader import Reader
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Settings
from tests.sql.log.test_handover import Consumer
from tests.sql.world import until
from tests.support.postgres import FAST, TEMPLATE, _cluster, fast_folder

SETTINGS = FAST | {
    "synchronous_commit": "remote_apply",
    "wal_retrieve_retry_interval": "50ms",
    "shared_buffers": "16MB",
}
LAST = "SELECT log_last($1)"


class Clusters:
    """Copies of one cluster: the first is the primary, the others follow whichever of those before them is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.all: list[EmbeddedPostgres] = []

    async def add(self) -> EmbeddedPostgres:
        data = self._folder / str(len(self.all))
        subprocess.run(["cp", "-a", await _cluster(None), data], check=True)
        if self.all:
            sockets = ",".join(os.path.realpath(one.cluster.parent / "socket") for one in self.all)
            followed = (
                f"primary_conninfo = 'host={sockets} user=postgres application_name=standby target_session_attrs=any'\n"
            )
            with (data / "postgres" / "postgresql.auto.conf").open("a") as conf:
                conf.write(followed)
            (data / "postgres" / "standby.signal").touch()
        one = EmbeddedPostgres(data, settings=SETTINGS)
        await one.start()
        self.all.append(one)
        return one

    def url(self, user: str = "postgres") -> str:
        """All of them, the standbys first, of which one accepts writes."""
        hosts = ",".join(os.path.realpath(one.cluster.parent / "socket") for one in reversed(self.all))
        return f"postgresql://{user}@/{TEMPLATE}?host={hosts.replace('/', '%2F')}"


@asynccontextmanager
async def clusters() -> AsyncIterator[Clusters]:
    with tempfile.TemporaryDirectory(prefix="fechatter-test-", dir=fast_folder()) as folder:
        Path(folder).chmod(0o711)
        made = Clusters(Path(folder))
        try:
            yield made
        finally:
            for one in made.all:
                await one.stop()


@asynccontextmanager
async def connected(postgres: EmbeddedPostgres) -> AsyncIterator[Connection]:
    sql = await asyncpg.connect(postgres.dsn(TEMPLATE))
    try:
        yield sql
    finally:
        sql.terminate()


async def append(sql: Connection) -> int:
    """One event; returns its position."""
    user = await sql.fetchval(
        "INSERT INTO users (username, email, fullname, password_hash) "
        "SELECT name, name || '@example.com', 'Ada', '' FROM concat('ada', log_head()) AS name RETURNING id"
    )
    session = await sql.fetchval(
        "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '1 day') RETURNING id", user
    )
    await sql.execute("UPDATE sessions SET revoked_at = now(), revoked_reason = 'operator' WHERE id = $1", session)
    return int(await sql.fetchval("SELECT log_head()"))


@asynccontextmanager
async def reading(url: str, **more: bool) -> AsyncIterator[Consumer]:
    database = Settings.model_validate({"database": {"url": url, "connect_timeout_seconds": 4, **more}}).database
    reader = Reader(database, "test", 3600, {})
    await reader.start(0, 0)
    consumer = Consumer(reader)
    task = asyncio.create_task(reader.run(consumer))
    try:
        yield consumer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def reaches(consumer: Consumer, epoch: str, position: int) -> None:
    async def there() -> bool:
        return (consumer.reader.epoch, consumer.reader.position) == (epoch, position)

    await until(there, f"{epoch}.{position}")


async def _is_cut(standby: Connection) -> bool:
    return not await standby.fetchval("SELECT count(*) FROM pg_stat_wal_receiver")


async def _a_waiting_commit_is_not_shown_by_a_time_out(postgres: EmbeddedPostgres, sql: Connection) -> None:
    """No standby is there. What a cancel would show stays hidden until one is, or nobody waits for any."""
    await sql.execute("CREATE TABLE kept (n int); ALTER TABLE kept OWNER TO CURRENT_USER")
    for statement in ("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"):
        await sql.execute(statement)
    waiting = await connect(postgres.dsn(TEMPLATE), timeout=5, command_timeout=0.5)
    await waiting.execute("SET synchronous_commit = on")
    with pytest.raises(DATABASE_ERRORS):
        await waiting.execute("INSERT INTO kept VALUES (1)")
    assert waiting.is_closed()
    assert not await sql.fetchval("SELECT count(*) FROM kept")
    for statement in ("ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()"):
        await sql.execute(statement)

    async def is_kept() -> bool:
        return bool(await sql.fetchval("SELECT count(*) FROM kept"))

    await until(is_kept, "it was committed all the same")


async def test_a_lossless_failover_resets_nobody_and_a_lossy_one_names_what_survived() -> None:
    async with clusters() as made:
        first, second, third = [await made.add() for _ in range(3)]
        async with connected(first) as sql:
            await sql.execute("ALTER SYSTEM SET synchronous_standby_names = '2 (*)'")
            await sql.execute("SELECT pg_reload_conf()")
            epoch = await sql.fetchval("SELECT log_check_epoch()")
            await append(sql)
            async with reading(made.url()) as consumer:
                before = await append(sql)
                await reaches(consumer, epoch, before)
                sql.terminate()

                # The primary stops; the standby has everything. Nobody has looked at the log before the first event.
                await first.stop()
                async with connected(second) as promoted:
                    await promoted.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                    await promoted.execute("SELECT pg_reload_conf()")
                    assert await promoted.fetchval("SELECT pg_promote()")
                    shared = await append(promoted)
                    next_epoch = await promoted.fetchval("SELECT epoch FROM log_state")
                    assert next_epoch != epoch
                    assert await promoted.fetchval(LAST, epoch) == before < shared
                    await reaches(consumer, next_epoch, shared)
                    assert (consumer.epochs, consumer.gone_on) == ([], [(next_epoch, before)])
                    assert [event.cursor.epoch for event in consumer.events][-2:] == [epoch, next_epoch]

                    # The last events have reached nobody but the reader, and are lost with their primary.
                    async with connected(third) as cut:
                        await cut.execute("ALTER SYSTEM SET primary_conninfo = ''")
                        await cut.execute("SELECT pg_reload_conf()")
                        await until(lambda: _is_cut(cut), "the standby is cut off")
                        await promoted.execute("SET synchronous_commit = local")
                        lost = [await append(promoted) for _ in range(3)]
                        await reaches(consumer, next_epoch, lost[-1])
                        await second.stop()
                        assert await cut.fetchval("SELECT pg_promote()")
                        last_epoch = await cut.fetchval("SELECT log_check_epoch()")
                        await cut.execute("SET synchronous_commit = local")
                        own = await append(cut)
                        await reaches(consumer, last_epoch, own)
                        assert (consumer.epochs, consumer.gone_on[1:]) == ([], [(last_epoch, shared)])
                        ended = await cut.fetch("SELECT epoch, last_position FROM log_epochs ORDER BY no")
                        assert [tuple(row) for row in ended] == [
                            (epoch, before),
                            (next_epoch, shared),
                        ]
                        assert [await cut.fetchval(LAST, e) for e in (epoch, next_epoch, "never")] == [
                            before,
                            shared,
                            None,
                        ]
                        assert [str(event.cursor) for event in consumer.events if event.position > shared] == [
                            *(f"{next_epoch}.{position}" for position in lost),
                            f"{last_epoch}.{own}",
                        ]
                        # A break leads nowhere.
                        await cut.fetchval("SELECT log_move_epoch()")
                        assert await cut.fetchval(LAST, last_epoch) is None
                        await _a_waiting_commit_is_not_shown_by_a_time_out(third, cut)
