"""Events come to NATS' own server, to Tansu and to librdkafka's mock of a cluster: as CloudEvents, in the log's order,
each by its key. What a sink is told of is tested in tests/sql/integrations/test_sinks.py."""

import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from chat_core.settings import Settings, SettingsError
from delivery_server.app import Delivery
from tests.sql.world import until
from tests.support.postgres import Database
from tests.support.services import brokers
from tests.support.services.brokers import Json, Stored

BEGIN = """
    SELECT log_check_epoch();
    SELECT create_user('Ada', 'ada@example.com', 'x', 'Acme');
    SELECT create_chat(1, 1, 'PublicChannel', name, '', '{}') FROM unnest('{a,b,c,d,e}'::text[]) AS name;
    SELECT create_chat(1, 1, 'PrivateChannel', 'quiet', '', '{}');
"""
POST = "SELECT ops.post_message($1, '1', $2)"
EXPECTED = """
    SELECT state.epoch || '.' || e.position FROM events e, log_state state
    WHERE e.chat_id BETWEEN 1 AND 5 AND e.audience = 'chat' AND e.kind <> 'ReadMarkerMoved' AND e.position > $1
    ORDER BY e.position
"""


@dataclass
class Scene:
    database: Database
    sql: "asyncpg.Connection[asyncpg.Record]"

    @asynccontextmanager
    async def delivering(self, sinks: dict[str, Json], **more: object) -> AsyncIterator[Delivery]:
        """A delivery_server, under its least-privilege role."""
        settings = {"lease_seconds": 1, "answer_seconds": 5, **more, "sinks": sinks}
        delivery = Delivery(
            Settings.model_validate({"database": {"url": self.database.delivery_url}, "delivery": settings})
        )
        async with delivery.running():
            try:
                await self.shown("active", "failing")
                yield delivery
            finally:
                await delivery.drain()

    async def say(self, chat: int, *texts: str) -> None:
        for text in texts:
            await self.sql.execute(POST, chat, text)

    async def head(self) -> int:
        return int(await self.sql.fetchval("SELECT log_head()"))

    async def ids(self, after: int) -> list[str]:
        return [row[0] for row in await self.sql.fetch(EXPECTED, after)]

    async def shown(self, *states: str) -> asyncpg.Record:
        """The one sink, once it is in such a state."""
        found: list[asyncpg.Record] = []

        async def is_so() -> bool:
            found[:] = await self.sql.fetch("SELECT * FROM ops.sinks")
            return bool(found) and found[0]["state"] in states

        await until(is_so, f"a sink that is {states}")
        return found[0]


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with database.connect() as sql:
        await sql.execute(BEGIN)
        yield Scene(database, sql)


async def test_jetstream_has_each_event_once_as_a_cloud_event(scene: Scene, tmp_path: Path) -> None:
    """What was edited or deleted before it was sent has its new content; a cursor that is moved back sends all again,
    which the stream knows by its ids."""
    async with brokers.nats_server(tmp_path) as server, server.reading() as stream:
        sinks = {"bus": server.sink}
        async with scene.delivering(sinks):
            await scene.say(1, "上海 is up")
            (stored,) = await stream.take()
        event = stored.event
        assert (stored.place, stored.key) == ("fechatter.chats.1.NewMessage", event["id"])
        assert stored.content_type == "application/cloudevents+json; charset=UTF-8"
        at = await scene.sql.fetchval("SELECT created_at FROM events ORDER BY position DESC LIMIT 1")
        assert (event["specversion"], event["type"], event["time"]) == ("1.0", "fechatter.NewMessage", at)
        assert (event["source"], event["subject"], event["partitionkey"]) == ("urn:fechatter", "chats/1", "chats/1")
        assert (event["workspaceid"], event["data"]["content"]) == ("1", "上海 is up")

        before = await scene.head()
        await scene.say(1, "a first thought", "better unsaid")
        await scene.say(6, "in a private channel")
        await scene.sql.execute("UPDATE messages SET content = 'a second thought' WHERE content = 'a first thought'")
        await scene.sql.execute("UPDATE messages SET deleted_at = now() WHERE content = 'better unsaid'")
        expected = await scene.ids(before)
        assert len(expected) == 4
        async with scene.delivering(sinks, lease_seconds=30):
            came = await stream.take(len(expected))
            assert [each.key for each in came] == expected
            everything = b"".join(each.body for each in came)
            assert b"a second thought" in everything
            for text in (b"a first thought", b"better unsaid", b"private"):
                assert text not in everything
            sent = (await scene.shown("active"))["sent"]
            assert await scene.sql.fetchval("SELECT ops.move_sink('bus', $1)", event["id"])
            await until(lambda: _is(scene, "sent = $1", sent + len(expected)), "all sent again")
            await scene.say(2, "new")
            (new,) = await stream.take()
        assert (new.event["data"]["content"], await server.amount()) == ("new", len(expected) + 2)


async def _is(scene: Scene, condition: str, value: object) -> bool:
    return bool(await scene.sql.fetchval(f"SELECT {condition} FROM ops.sinks", value))


@pytest.mark.parametrize("broker", [brokers.tansu, brokers.mock_cluster])
async def test_a_partition_has_its_chats_in_the_logs_order(scene: Scene, broker: object) -> None:
    assert broker in (brokers.tansu, brokers.mock_cluster)
    before = await scene.head()
    with (brokers.tansu if broker is brokers.tansu else brokers.mock_cluster)() as kafka, kafka.reading() as topic:
        async with scene.delivering({"lake": kafka.sink}):
            for number in range(12):
                await scene.say(1 + number % 5, f"message {number}")
            expected = await scene.ids(before)
            came = await topic.take(len(expected))
            assert {each.id for each in came} == set(expected)
            places: dict[str, set[str]] = defaultdict(set)
            of_chats: dict[str, list[Stored]] = defaultdict(list)
            for each in came:
                places[each.key].add(each.place)
                of_chats[each.key].append(each)
            assert of_chats.keys() == {f"chats/{chat}" for chat in range(1, 6)}
            assert all(len(partitions) == 1 for partitions in places.values()), "a chat is in one partition"
            assert len({min(partitions) for partitions in places.values()}) > 1
            for stored in of_chats.values():
                assert [expected.index(each.id) for each in stored] == sorted(
                    expected.index(each.id) for each in stored
                )
            assert came[0].event["datacontenttype"] == "application/json"
            assert came[0].content_type == "application/cloudevents+json; charset=UTF-8"

            # Another history has begun: whoever reads any partition is told, and the sink goes on at the log's end.
            await scene.sql.execute("SELECT log_break((SELECT epoch FROM log_state))")
            partitions = 3 if broker is brokers.tansu else 4
            lost = await topic.take(partitions)
            assert [each.event["type"] for each in lost] == ["fechatter.reset"] * partitions
            assert len({each.place for each in lost}) == partitions
            (notice,) = {each.id for each in lost}
            assert notice == f"{expected[-1]}.reset"
            assert lost[0].event["data"]["reason"] == "epoch_changed"
            await scene.say(1, "and on")
            (on,) = await topic.take()
            assert on.event["data"]["content"] == "and on"


async def test_what_cannot_be_stored_is_not_skipped(scene: Scene, tmp_path: Path) -> None:
    """The sink says what it fails of, and goes on where it was, in order, once the broker is back; one that refuses an
    event holds it up until an operator moves the cursor."""
    server = brokers.Nats(tmp_path)
    before = await scene.head()
    async with scene.delivering({"bus": server.sink}):
        await scene.say(1, "first", "second")
        assert "refused" in (await scene.shown("failing"))["error"].lower()
        await server.start()
        try:
            assert "NoStreamResponse" in (await _fails_of(scene, "NoStreamResponse"))
            await server.add_stream(max_msg_size=4000)
            async with server.reading() as stream:
                assert [each.key for each in await stream.take(2)] == await scene.ids(before)
                await scene.shown("active")
                await scene.say(1, "x" * 4000, "after it")
                assert "exceeds maximum" in await _fails_of(scene, "exceeds")
                head, epoch = await scene.head(), await scene.sql.fetchval("SELECT epoch FROM log_state")
                await scene.sql.execute("SELECT ops.move_sink('bus', $1)", f"{epoch}.{head - 1}")
                assert (await stream.take())[0].event["data"]["content"] == "after it"
        finally:
            await server.kill()


async def _fails_of(scene: Scene, what: str) -> str:
    await until(lambda: _is(scene, "error ILIKE '%' || $1 || '%'", what), f"a failure by {what}")
    return str(await scene.sql.fetchval("SELECT error FROM ops.sinks"))


async def test_another_server_takes_over(scene: Scene, tmp_path: Path) -> None:
    async with brokers.nats_server(tmp_path) as server, server.reading() as stream:
        sinks = {"bus": server.sink}
        async with scene.delivering(sinks, lease_seconds=60) as first:
            await scene.say(1, "by the first")
            await stream.take()
            async with scene.delivering(sinks, lease_seconds=60) as second:
                await first.drain()
                await scene.say(1, "by the second")
                assert (await stream.take())[0].event["data"]["content"] == "by the second"
                assert (await scene.shown("active"))["node"] == second.share.node


def test_a_sink_without_its_extra_or_of_kinds_that_none_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "delivery_server.sinks.kafka", None)
    sink = {"type": "kafka", "servers": "a:9092", "workspaces": "all"}
    with pytest.raises(SettingsError, match=r"lake needs the extra, pip install 'fechatter\[kafka\]'"):
        Delivery(Settings.model_validate({"delivery": {"sinks": {"lake": sink}}}))
    bus = {**sink, "type": "nats", "stream": "S", "kinds": ["NewMessage", "DraftChanged"]}
    with pytest.raises(SettingsError, match=r"bus\.kinds: no sink has DraftChanged"):
        Delivery(Settings.model_validate({"delivery": {"sinks": {"bus": bus}}}))
