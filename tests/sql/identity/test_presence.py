"""Presence as the reports of notify_servers settle it, and what is told of it by NOTIFY."""

import asyncio
import json
from typing import Any

import pytest

from chat_core.database.pool import Connection
from chat_core.relay.notices import notices_key
from chat_server.parts.typing_notices import TOGETHER, Notice, Place, texts
from tests.sql.log.test_streams import opened
from tests.sql.world import World, blocked

CHANNEL = "fechatter_ephemeral"
# node, opened, closed, again, grace, life, missed
REPORT = "SELECT known, leaves_in FROM report_streams($1, $2, $3, $4, $5, 30, $6)"


class Heard:
    """What a listening connection was told: user, presence and workspaces, in order."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self.texts = connection, list[str]()

    def hear(self, _connection: object, _pid: int, _channel: str, text: object) -> None:
        self.texts.append(str(text))

    async def settle(self) -> None:
        """Whatever was committed before comes before the answer."""
        await self._connection.execute("SELECT 1")

    async def news(self) -> list[tuple[int, str]]:
        """What came since this was last called."""
        await self.settle()
        texts, self.texts = self.texts, []
        return [(user, presence) for text in texts for user, presence, *_ in json.loads(text)["presence"]]


@pytest.fixture
async def heard(world: World) -> Heard:
    listener = await world.connect()
    heard = Heard(listener)
    await listener.add_listener(CHANNEL, heard.hear)
    return heard


async def report(
    world: World,
    node: str = "one",
    streams: str = "[]",
    closed: tuple[int, ...] = (),
    again: tuple[int, ...] = (),
    grace: float = 0,
    missed: float = 0,
    sql: Connection | None = None,
) -> Any:
    return await (sql or world.sql).fetchrow(REPORT, node, streams, list(closed), list(again), grace, missed)


async def settle_time(world: World) -> None:
    """As if all grace periods were over."""
    await world.sql.execute("UPDATE presences SET leaves_at = now() - interval '1 ms' WHERE leaves_at IS NOT NULL")


async def test_streams_of_several_nodes_are_one_presence(world: World, heard: Heard) -> None:
    await report(world, "one", opened(1, 2, user=world.bob))
    await report(world, "two", opened(1, user=world.bob))
    assert await heard.news() == [(world.bob, "online")]
    await report(world, "one", closed=(1, 2))
    assert await heard.news() == []
    await report(world, "two", closed=(1,))
    assert await heard.news() == [(world.bob, "offline")]
    assert await world.events() == []


async def test_offline_only_after_the_grace_period_and_that_is_when_a_report_is_due(world: World, heard: Heard) -> None:
    await report(world, "one", opened(1, user=world.bob))
    answer = await report(world, "one", closed=(1,), grace=10)
    assert 9 < answer["leaves_in"] <= 10
    await report(world, "one", opened(2, user=world.bob), grace=10)
    assert (await report(world, "one"))["leaves_in"] is None
    await report(world, "one", closed=(2,), grace=10)
    assert await heard.news() == [(world.bob, "online")]
    await settle_time(world)
    await report(world, "two")  # whichever node reports next
    assert await heard.news() == [(world.bob, "offline")]


async def test_a_mode_shows_while_somebody_is_there(world: World, heard: Heard) -> None:
    await world.sql.execute("UPDATE users SET presence_mode = 'dnd' WHERE id = $1", world.bob)
    await report(world, "one", opened(1, user=world.bob))
    await world.sql.execute("UPDATE users SET presence_mode = 'invisible' WHERE id = $1", world.bob)
    await report(world, "one", again=(world.bob,))
    seen_at = await world.sql.fetchval("SELECT seen_at FROM presences WHERE user_id = $1", world.bob)
    await report(world, "one", closed=(1,))
    await report(world, "one", opened(2, user=world.bob))
    assert await heard.news() == [(world.bob, "dnd"), (world.bob, "offline")]
    # When somebody who is invisible comes and goes is not told either.
    assert await world.sql.fetchval("SELECT seen_at FROM presences WHERE user_id = $1", world.bob) == seen_at
    assert [event.about() for event in await world.events()] == [
        ("PresenceModeChanged", "user", None, world.bob, None)
    ] * 2


async def test_away_is_who_has_no_session_that_is_not_idle(world: World, heard: Heard) -> None:
    sessions = [await world.add_session(world.bob) for _ in range(2)]
    rows = json.loads(opened(1, 2, user=world.bob))
    for row, session in zip(rows, sessions, strict=True):
        row["session_id"] = session
    await report(world, "one", json.dumps(rows))
    idle = "SELECT report_idle($1, $2, $3, 0)"
    await world.sql.execute(idle, [world.bob], [sessions[0]], [True])
    assert await heard.news() == [(world.bob, "online")]
    await world.sql.execute(idle, [world.bob], [sessions[1]], [True])
    assert await heard.news() == [(world.bob, "away")]
    await world.sql.execute(idle, [world.bob], [sessions[1]], [False])
    assert await heard.news() == [(world.bob, "online")]


async def test_the_users_of_a_dead_node_are_offline_at_once(world: World, heard: Heard) -> None:
    await report(world, "one", opened(1, user=world.bob), grace=10)
    await report(world, "one", opened(2, user=world.carol), grace=10)
    await report(world, "two", opened(1, user=world.carol), grace=10)
    await world.sql.execute("UPDATE notify_nodes SET expires_at = now() - interval '1 ms' WHERE node = 'one'")
    await heard.news()
    await report(world, "two", grace=10)
    assert await heard.news() == [(world.bob, "offline")]
    # One that was only slow tells all again.
    assert not (await report(world, "one", opened(1, user=world.bob), grace=10))["known"]
    assert await heard.news() == [(world.bob, "online")]


async def test_nobody_is_shown_by_a_dead_node_though_none_is_left_to_tell(world: World, heard: Heard) -> None:
    shown = (
        "SELECT presence_json(users, $1) ->> 'presence', told.presence FROM users JOIN presences told ON user_id = id"
    )
    await report(world, "one", opened(1, user=world.bob), grace=10)
    assert await world.rows(shown, world.alice) == [("online", "online")]
    await world.sql.execute("UPDATE notify_nodes SET expires_at = now() - interval '1 ms'")
    assert await world.rows(shown, world.alice) == [("offline", "online")]
    assert await heard.news() == [(world.bob, "online")]


async def test_what_a_node_has_missed_is_told_once_more(world: World, heard: Heard) -> None:
    await report(world, "one", opened(1, user=world.bob))
    await report(world, "one", opened(2, user=world.carol))
    await world.sql.execute("UPDATE presences SET told_at = now() - interval '1 hour' WHERE user_id = $1", world.bob)
    await heard.news()
    await report(world, "two", missed=60)
    assert await heard.news() == [(world.carol, "online")]


async def test_what_is_told_again_may_be_missed_again_by_another_node(world: World, heard: Heard) -> None:
    """It asks for what was told while it heard nothing, however long ago that was told for the first time."""
    await report(world, "one", opened(1, user=world.bob))
    await world.sql.execute("UPDATE presences SET told_at = now() - interval '30 s'")
    await report(world, "two", missed=60)
    assert await heard.news() == [(world.bob, "online")] * 2
    await report(world, "three", missed=1)
    assert await heard.news() == [(world.bob, "online")]


async def test_two_nodes_that_report_of_one_user_at_once(world: World) -> None:
    """One has closed the last stream and its report is due, the other one has opened a new one: whoever is second has
    seen what the first did."""
    for order in ((0, 1), (1, 0)):
        await report(world, "one", opened(1, user=world.bob))
        await report(world, "one", closed=(1,), grace=10)
        await settle_time(world)
        gate, *nodes = [await world.connect() for _ in range(3)]
        await gate.execute(f"BEGIN; SELECT FROM presences WHERE user_id = {world.bob} FOR UPDATE")
        calls = [("one", "[]"), ("two", opened(1, user=world.bob))]
        reports = []
        for place in order:
            name, streams = calls[place]
            reports.append(asyncio.create_task(report(world, name, streams, grace=10, sql=nodes[place])))
            await blocked(world, nodes[place])
        await gate.execute("COMMIT")
        await asyncio.gather(*reports)
        assert await world.rows("SELECT presence, leaves_at FROM presences") == [("online", None)]
        await report(world, "two", closed=(1,))


async def test_a_large_workspace_is_not_told(world: World, heard: Heard) -> None:
    await report(world, "one", opened(1, user=world.bob))
    await world.sql.execute(
        "WITH crowd AS (INSERT INTO users (email, fullname, password_hash) "
        "SELECT 'u' || n || '@example.com', 'U', '' FROM generate_series(1, presence_members()) n RETURNING id) "
        "INSERT INTO workspace_members (workspace_id, user_id) SELECT $1, id FROM crowd",
        world.acme,
    )
    await report(world, "one", opened(2, user=world.carol))
    assert await heard.news() == [(world.bob, "online")]
    assert await world.sql.fetchval("SELECT presence FROM presences WHERE user_id = $1", world.carol) == "online"


async def test_payloads_fit_however_many_people_and_workspaces(world: World, heard: Heard) -> None:
    people = list(world.people.values())
    await world.sql.execute(
        "SELECT create_workspace(person, 'w') FROM unnest($1::bigint[]) person, generate_series(1, 300)", people
    )
    for number, person in enumerate(people):
        await report(world, "one", opened(number, user=person))
    await world.sql.execute("SELECT tell_presence($1, 9223372036854775807)", people)
    await heard.settle()
    assert all(len(text) < 8000 for text in heard.texts)
    told = {(user, w) for text in heard.texts for user, _, _, places, _ in json.loads(text)["presence"] for w in places}
    assert told == set(await world.rows("SELECT user_id, workspace_id FROM workspace_members"))


async def test_an_open_transaction_on_a_user_holds_up_no_report(world: World, heard: Heard) -> None:
    other = await world.connect()
    await other.execute(f"BEGIN; UPDATE users SET presence_mode = 'dnd', status_text = 'x' WHERE id = {world.bob}")
    await asyncio.wait_for(report(world, "one", opened(1, user=world.bob)), 5)
    assert await heard.news() == [(world.bob, "online")]
    await other.execute("COMMIT")


HEARS = "SELECT told FROM report_streams($1, $2, '{}', again => $3, grace_seconds => 0, node_hears => $4)"


async def test_what_is_told_over_nats_is_returned_if_all_nodes_that_are_alive_hear_it(
    world: World, heard: Heard
) -> None:
    async def told(node: str, streams: str = "[]", again: tuple[int, ...] = (), *, hears: bool = True) -> list[Any]:
        texts = await world.sql.fetchval(HEARS, node, streams, list(again), hears)
        return [(user, presence) for text in texts for user, presence, *_ in json.loads(text)["presence"]]

    come = opened(1, user=world.alice)
    assert await told("one", come) == [(world.alice, "online")]
    assert await heard.news() == []
    assert await told("two", hears=False) == []
    assert await world.sql.fetchval("SELECT notices_key()") is None
    assert await told("one", again=(world.alice,)) == []
    assert await heard.news() == [(world.alice, "online")]
    await world.sql.execute("UPDATE notify_nodes SET expires_at = now() - interval '1 ms' WHERE node = 'two'")
    key = await world.sql.fetchval("SELECT notices_key()")
    assert key.encode() == notices_key(await world.sql.fetchval("SELECT channel FROM log_state"))
    assert await told("one", again=(world.alice,)) == [(world.alice, "online")]
    assert await told("one", again=(world.alice,), hears=False) == []
    assert await heard.news() == [(world.alice, "online")]
    await world.sql.fetchval("SELECT node_stops('one')")
    assert await told("one", again=(world.alice,)) == []
    assert await heard.news() == [(world.alice, "online")]


async def test_what_a_node_had_to_tell_when_it_died_is_told_by_another(world: World, heard: Heard) -> None:
    come = opened(1, user=world.alice)
    await world.sql.fetchval(HEARS, "one", come, [], True)
    await world.sql.execute("DELETE FROM streams")  # and she has left again, of which nobody has heard either
    assert await world.sql.fetchval(HEARS, "one", "[]", [world.alice], True) != []
    await world.sql.execute("UPDATE notify_nodes SET expires_at = now() - interval '1 ms'")
    assert await world.sql.fetchval(HEARS, "two", "[]", [], False) == []
    assert await heard.news() == [(world.alice, "offline")]
    assert await world.sql.fetchval("SELECT told FROM ops.presence WHERE user_id = $1", world.alice) == "offline"


async def test_typing_is_told_by_notify_as_it_is_over_nats(world: World, heard: Heard) -> None:
    """Python makes what goes over NATS, without asking the database; servers read both alike."""
    notices = {Place(number, 2): Notice(3, number % 2 == 0, 4, 1700000000.125) for number in range(2 * TOGETHER + 1)}
    users, chats = zip(*((place.user_id, place.chat_id) for place in notices), strict=True)
    await world.sql.execute(
        "SELECT tell_typing($1, $2, $3, $4, $5, $6)",
        *map(list, (users, chats, *zip(*notices.values(), strict=True))),
    )
    await heard.settle()

    def told(texts: list[str]) -> list[object]:
        return [entry for text in texts for entry in json.loads(text)["typing"]]

    over_nats = list(texts(notices))
    assert sorted(map(str, told(heard.texts))) == sorted(map(str, told(over_nats)))
    assert max(len(text) for text in over_nats) < 8000
