"""The log's promise: what commits is there once, in an order that no reader ever sees filled in later."""

import asyncio
import random

import asyncpg
import pytest

from chat_core.database.pool import Connection
from tests.sql.world import World, until

pytestmark = pytest.mark.postgres_15

WRITERS = 4
TRANSACTIONS = 60
PAGE = "SELECT position, payload->>'content' FROM events WHERE position > $1 ORDER BY position LIMIT 50"


class Writer:
    """Transactions of all kinds, open for a while; `committed` is what readers have to see of them."""

    def __init__(self, number: int, world: World, sql: Connection) -> None:
        self.name, self.world, self.sql = f"w{number}", world, sql
        self.random = random.Random(number)
        self.committed: list[str] = []
        self.chat = 0

    async def run(self) -> None:
        owner = {"w0": "alice", "w1": "bob", "w2": "carol", "w3": "dave"}[self.name]
        self.chat = await self.world.add_chat("Group", owner, connection=self.sql)
        self.sender = self.world.people[owner]
        for number in range(TRANSACTIONS):
            await self.transaction(f"{self.name}-{number}")

    async def transaction(self, name: str) -> None:
        transaction = self.sql.transaction()
        await transaction.start()
        written = await self.write(name, self.random.randint(1, 3))
        await asyncio.sleep(self.random.random() * 0.002)  # others begin, write and commit meanwhile
        if self.random.random() < 0.3:
            savepoint = self.sql.transaction()
            await savepoint.start()
            if self.random.random() < 0.5:
                await self.sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
            kept = await self.write(f"{name}-savepoint", 2)
            if self.random.random() < 0.5:
                await savepoint.commit()
                written += kept
            else:
                await savepoint.rollback()
        if self.random.random() < 0.25:
            await transaction.rollback()
        else:
            await transaction.commit()
            self.committed += written

    async def write(self, name: str, rows: int) -> list[str]:
        contents = [f"{name}-{row}" for row in range(rows)]
        await self.sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content) SELECT $1, $2, unnest($3::text[])",
            self.chat,
            self.sender,
            contents,
        )
        return contents


async def test_a_reader_misses_nothing_that_interleaved_transactions_commit(world: World) -> None:
    writers = [Writer(number, world, await world.connect()) for number in range(WRITERS)]
    done = asyncio.Event()
    seen: list[tuple[int, str | None]] = []

    async def read(sql: Connection) -> None:
        position = 0
        while True:
            last = done.is_set()
            page = await sql.fetch(PAGE, position)
            if page:
                seen.extend((row[0], row[1]) for row in page)
                position = page[-1][0]
            elif last:
                return

    reading = asyncio.create_task(read(await world.connect()))
    await asyncio.gather(*(writer.run() for writer in writers))
    done.set()
    await reading
    there = await world.sql.fetch("SELECT position, payload->>'content' FROM events ORDER BY position")
    assert seen == [tuple(row) for row in there], "a position became visible behind a reader"
    contents = [content for _, content in seen if content]
    assert sorted(contents) == sorted(name for writer in writers for name in writer.committed)
    for writer in writers:
        assert [content for content in contents if content.startswith(f"{writer.name}-")] == writer.committed
        seqs = await world.sql.fetch("SELECT seq FROM messages WHERE chat_id = $1 ORDER BY id", writer.chat)
        assert [row[0] for row in seqs] == list(range(1, len(writer.committed) + 1))


async def test_an_open_transaction_holds_nobody_up(world: World) -> None:
    other = await world.connect()
    await other.execute(
        f"BEGIN; UPDATE users SET fullname = 'B' WHERE id = {world.bob};"
        f"INSERT INTO messages (chat_id, sender_id, content) VALUES ({world.group}, {world.bob}, 'later')"
    )
    chat = await world.add_chat("Group", "alice")
    await world.post("first", chat=chat)
    assert (await world.events())[-1].payload["content"] == "first"
    await other.execute("COMMIT")
    assert [event.kind for event in await world.events()] == ["UserUpdated", "NewMessage"]


async def test_what_is_rolled_back_leaves_a_hole_at_most(world: World) -> None:
    before = await world.sql.fetchval("SELECT log_head()")
    await world.sql.execute("BEGIN")
    await world.post()
    await world.sql.execute("SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK")
    assert await world.sql.fetchval("SELECT log_head()") == before
    await world.post()
    assert await world.sql.fetchval("SELECT log_head()") == before + 2
    assert len(await world.events()) == 1


async def test_the_bell_rings_once_for_a_transaction_that_commits_and_never_for_another(world: World) -> None:
    listener = await world.connect()
    rung: list[str] = []
    await listener.add_listener("fechatter_log", lambda *call: rung.append(str(call[3])))
    async with world.sql.transaction():
        for _ in range(5):
            await world.post("x" * 10_000)
    await until(lambda: _true(rung), "the bell rings")
    await world.sql.execute("BEGIN")
    await world.post()
    await world.sql.execute("ROLLBACK")
    await world.sql.execute("NOTIFY fechatter_log, 'end'")
    await until(lambda: _true(rung[-1] == "end"), "the last notification")
    assert rung == ["", "end"]
    await listener.reset()


async def _true(value: object) -> bool:
    return bool(value)


async def test_a_transaction_that_rings_cannot_be_prepared(world: World) -> None:
    """Two-phase commit would make a position visible at any later time; NOTIFY does not go with it."""
    await world.sql.execute("BEGIN")
    await world.post()
    with pytest.raises(asyncpg.PostgresError):
        await world.sql.execute("PREPARE TRANSACTION 'later'")
    assert await world.events() == []


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
async def test_other_isolation_levels_write_messages_and_no_members(world: World, isolation: str) -> None:
    await world.sql.execute(f"SET default_transaction_isolation = '{isolation}'")
    await world.post()
    await world.sql.execute("UPDATE messages SET content = 'x'; UPDATE chats SET name = 'y'; DELETE FROM messages")
    assert len(await world.events()) == 4
    for statement in (
        "UPDATE users SET fullname = 'x'",
        f"INSERT INTO chat_members (chat_id, user_id) VALUES ({world.group}, {world.dave})",
        f"DELETE FROM workspace_members WHERE user_id = {world.dave}",
    ):
        with pytest.raises(asyncpg.FeatureNotSupportedError, match=f"cannot be changed in {isolation}"):
            await world.sql.execute(statement)
    stale = await world.connect()
    await stale.execute(f"BEGIN ISOLATION LEVEL {isolation}; SELECT FROM chats")
    await world.post()
    with pytest.raises(asyncpg.SerializationError):
        await stale.execute(
            f"INSERT INTO messages (chat_id, sender_id, content) VALUES ({world.group}, {world.bob}, 'x')"
        )
