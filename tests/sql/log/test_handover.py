"""Small events arrive with the notification of their commit; all others are read, and the log remains the truth."""

import asyncio
import dataclasses
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import pytest

from chat_core.log import reader as reader_module
from chat_core.log.event import Event
from chat_core.log.handover import MOST_WAITING, Handover
from chat_core.log.lineage import Lineage
from chat_core.log.reader import LOG_AFTER, Reader
from chat_core.settings import Settings
from tests.sql.log.test_events_tell_all import act, attempt
from tests.sql.world import World, until

pytestmark = [pytest.mark.anyio, pytest.mark.postgres_15]

NEVER = 600.0  # seconds; what comes earlier has not been found by a poll
TRANSACTIONS = 60
UNCHECKED = "SET session_replication_role = replica; "


@dataclasses.dataclass
class Consumer:
    reader: Reader
    events: list[Event] = dataclasses.field(default_factory=list)
    epochs: list[str] = dataclasses.field(default_factory=list)
    # The epochs that continued the ones before, each with where it did.
    gone_on: list[tuple[str, int]] = dataclasses.field(default_factory=list)
    # How often the log was read.
    reads: int = 0

    async def rows(self, connection: Any, **values: Any) -> list[asyncpg.Record]:
        self.reads += 1
        return await LOG_AFTER.rows(connection, **values)

    async def take(self, events: list[Event], *, more: bool) -> None:
        self.events += events

    def begin_anew(self, lineage: Lineage, position: int) -> None:
        self.epochs.append(lineage.epoch)

    def go_on(self, lineage: Lineage, position: int) -> None:
        self.gone_on.append((lineage.epoch, position))

    def caught_up(self) -> None:
        pass

    def lost(self) -> None:
        pass

    def back(self, silent_seconds: float) -> None:
        pass


@asynccontextmanager
async def following(world: World, monkeypatch: pytest.MonkeyPatch, poll_seconds: float) -> AsyncIterator[Consumer]:
    """A reader that has reached the end of the log."""
    database = Settings.model_validate({"database": {"url": world.database.notify_url}}).database
    reader = Reader(database, "test", poll_seconds, {})
    await reader.start(0, 0)
    consumer = Consumer(reader)
    monkeypatch.setattr(reader_module, "LOG_AFTER", consumer)
    task = asyncio.create_task(reader.run(consumer))
    try:
        await until(lambda: _is(consumer.reads == 1), "the first read")
        yield consumer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _is(holds: bool) -> bool:
    return holds


async def reach_the_end(world: World, consumer: Consumer) -> None:
    head = await world.sql.fetchval("SELECT log_head()")
    await until(lambda: _is(consumer.reader.position >= head), f"position {head}")


async def test_an_event_is_the_same_handed_over_or_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("handed over")
    statements = [
        f"INSERT INTO sessions (user_id, expires_at) VALUES ({world.bob}, now() + interval '1 day')",
        "UPDATE sessions SET revoked_at = now(), revoked_reason = 'operator'",
    ]
    kinds: set[str] = set()
    async with following(world, monkeypatch, NEVER) as consumer:
        for number in range(TRANSACTIONS):
            before = consumer.reader.position
            if number == 0:
                await world.post('two\nlines, "quotes", ünïcode and 👍')
            elif number == 1:
                await world.post("x" * 9_000)  # is read
            elif statements:
                await world.sql.execute(statements.pop(0))
            else:
                # What these statements may run into is another test's subject.
                with suppress(asyncpg.PostgresError):
                    async with attempt(world.sql, kept=rng.random() < 0.9):
                        for _ in range(rng.randint(1, 3)):
                            await act(world.sql, rng, world, f"word {number}")
            await reach_the_end(world, consumer)
            rows = await LOG_AFTER.rows(world.sql, position=before, amount=500, bytes=1 << 30)
            wanted = [Event.of(row, row["epoch"]) for row in rows[1:]]
            assert list(map(dataclasses.astuple, consumer.events)) == list(map(dataclasses.astuple, wanted))
            kinds |= {event.kind for event in consumer.events}
            consumer.events.clear()
    assert len(kinds) > 10
    assert "SessionRevoked" in kinds
    assert 1 < consumer.reads < TRANSACTIONS / 2
    assert not consumer.epochs


async def test_small_events_are_not_read_and_large_ones_and_those_after_a_gap_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with following(world, monkeypatch, NEVER) as consumer:

        async def reads_of(*contents: str) -> int:
            before = consumer.reads
            async with world.sql.transaction():
                for content in contents:
                    await world.post(content)
            await reach_the_end(world, consumer)
            return consumer.reads - before

        assert await reads_of("one") == 0
        assert await reads_of("two", "three") == 0
        assert await reads_of("x" * 9_000) == 1
        assert await reads_of("four") == 0
        # Rolled back with its position taken.
        await world.sql.execute("BEGIN")
        await world.post("never")
        await world.sql.execute("SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK")
        assert await reads_of("five") == 1
        assert await reads_of(*(str(number) for number in range(40))) == 1
        assert await reads_of("six") == 0
        said = [json.loads(event.payload)["content"] for event in consumer.events]
        assert said == ["one", "two", "three", "x" * 9_000, "four", "five", *map(str, range(40)), "six"]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM events WHERE position = (SELECT max(position) - 1 FROM events)",
        "DELETE FROM events WHERE position = (SELECT max(position) FROM events)",
        "UPDATE events SET created_at = created_at + interval '1 us' "
        "WHERE position = (SELECT max(position) - 1 FROM events)",
        "SELECT setval('events_position_seq', (SELECT max(position) - 1 FROM events))",
    ],
    ids=["one is gone", "the last is gone", "another one", "positions repeat"],
)
async def test_a_poll_checks_what_was_handed_over(world: World, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    async with following(world, monkeypatch, NEVER) as consumer:
        for content in ("one", "two", "three"):
            await world.post(content)
        await reach_the_end(world, consumer)
        assert consumer.reads == 1
        await world.sql.execute(UNCHECKED + damage)
        await world.sql.execute("SET session_replication_role = origin")
        channel = await world.sql.fetchval("SELECT channel FROM log_state")
        await world.sql.execute("SELECT pg_notify($1, 'not a notice')", channel)  # has the log read, as a poll does
        await until(lambda: _is(bool(consumer.epochs)), "another epoch")


async def test_what_no_notification_has_told_is_read_at_the_next_poll(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handover, "hear", lambda *_: None)
    async with following(world, monkeypatch, 0.05) as consumer:
        for content in ("one", "two"):
            await world.post(content)
            await reach_the_end(world, consumer)
        assert [json.loads(event.payload)["content"] for event in consumer.events] == ["one", "two"]


async def test_only_those_who_know_the_channel_hear_what_is_said(world: World) -> None:
    """Any role may LISTEN to any channel, so the one that is known to all carries no content."""
    channel = await world.sql.fetchval("SELECT channel FROM log_state")
    assert len(channel) == len("fechatter_log_") + 32
    heard: dict[str, list[str]] = {channel: [], "fechatter_log": []}
    async with world.database.connect("fechatter_notify") as notify:
        for name in heard:
            await notify.add_listener(name, lambda *call: heard[call[2]].append(str(call[3])))
        await world.post("a secret")
        await until(lambda: _is(all(heard.values())), "both channels")
    assert heard["fechatter_log"] == [""]
    assert "a secret" in heard[channel][0]


async def notices(world: World, *statements: str) -> list[Any]:
    """What one transaction that posts "a secret", and then does this, notifies: the events of each flush."""
    heard: list[str] = []
    channel = await world.sql.fetchval("SELECT channel FROM log_state")
    async with world.database.connect("fechatter_notify") as notify:
        await notify.add_listener(channel, lambda *call: heard.append(str(call[3])))
        async with world.sql.transaction():
            await world.post("a secret")
            for statement in statements:
                await world.sql.execute(statement)
        await world.sql.execute('SELECT pg_notify($1, \'["", 0, 0, "end"]\')', channel)
        await until(lambda: _is(bool(heard) and heard[-1].endswith('"end"]')), "the end")
    return [json.loads(text)[3] for text in heard[:-1]]


async def test_nothing_is_handed_over_that_its_own_transaction_may_still_delete(world: World) -> None:
    [events] = await notices(world)
    assert len(events) == 1
    delete = "UPDATE messages SET deleted_at = now(), content = '', metadata = NULL WHERE content = 'a secret'"
    edit = "UPDATE messages SET content = 'a secret, too' WHERE content = 'a secret'"
    edited = delete.replace("'a secret'", "'a secret, too'")
    for statements in ([delete], [edit, edited]):
        found = await notices(world, "SET CONSTRAINTS ALL IMMEDIATE", *statements)
        assert len(found) > 1
        assert "a secret" not in json.dumps(found)
    assert "a secret" not in json.dumps(found)


async def test_a_queue_of_notifications_that_fills_up_gets_no_events(world: World) -> None:
    await world.sql.execute(
        "CREATE SCHEMA odd; GRANT USAGE ON SCHEMA odd TO PUBLIC; "
        "CREATE FUNCTION odd.pg_notification_queue_usage() RETURNS float8 LANGUAGE sql AS 'SELECT 0.11'; "
        "ALTER FUNCTION log_flush() SET search_path = odd, pg_catalog, public, pg_temp"
    )
    assert await notices(world) == [None]
    await world.sql.execute(
        "CREATE OR REPLACE FUNCTION odd.pg_notification_queue_usage() RETURNS float8 LANGUAGE sql AS 'SELECT 0.09'"
    )
    [events] = await notices(world)
    assert len(events) == 1


def notice(epoch: str, first: int, last: int) -> str:
    events = [
        [position, "K", "user", None, None, 7, None, None, None, {"n": position}, "2026-01-02T03:04:05.6+00:00"]
        for position in range(first, last + 1)
    ]
    return json.dumps([epoch, first, last, events])


def test_what_is_no_continuation_has_the_log_read() -> None:
    handover = Handover()

    def take(*texts: str, position: int = 10) -> tuple[list[int], bool]:
        for text in texts:
            handover.hear(text)
        events, gap = handover.take("e", position)
        return [event.position for event in events], gap

    assert take(notice("e", 11, 12), notice("e", 13, 13)) == ([11, 12, 13], False)
    assert take(notice("e", 14, 14), notice("e", 16, 16), position=13) == ([14], True)
    assert take(position=16) == ([], False)
    assert take(notice("e", 17, 18), position=18) == ([], False), "it was read before it was heard"
    assert take(notice("e", 18, 19), position=18) == ([], True), "positions repeat"
    assert take(notice("f", 19, 19), position=18) == ([], True), "another epoch"
    deep = notice("e", 19, 19).replace("{", '{"metadata":' + "[" * 1500 + "]" * 1500 + ",")
    for text in ("", "end", "[]", '["e",1,2]', '["e",19,19,[[19]]]', deep):
        assert take(text, position=18) == ([], True), text
    crowd = [notice("e", position, position) for position in range(19, 36)]
    assert len(crowd) == MOST_WAITING + 1 == 17
    assert take(*crowd, position=18) == ([], True)
    assert take(position=18 + len(crowd) - 1) == ([18 + len(crowd)], False), "what came after the crowd"
    handover.forget()
    assert take(notice("e", 5, 5), position=4) == ([], True)
    assert take(position=4) == ([5], False)
