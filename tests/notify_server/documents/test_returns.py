"""Who is there over two servers: a return over the other one counts however it comes in, and what the log ends is over
on both, whatever the server says that had it."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.documents.lib0 import Reader
from chat_core.tokens import Claims
from notify_server.documents import shared_presence
from notify_server.documents.awareness import Awareness, Elsewhere, Entry
from notify_server.documents.yjs import awareness
from tests.notify_server.documents.world import Node, Tab, World, connect, running_node
from tests.notify_server.documents.yjs.test_codecs import Tab as Place
from tests.notify_server.documents.yjs.test_codecs import as_told, entry

HEAR = "SELECT bool_and(hears) FROM notify_nodes"


class Npm(Tab):
    """Takes note of presence as npm's y-protocols does: of what has a higher clock than it knows, or ends what it sees.
    One that has a state says so again where it hears that it has left."""

    def __init__(self, world: World, claims: Claims, board: int, client: int = 0) -> None:
        super().__init__(world, claims, board)
        self.client, self.clock = client, 1
        self.seen: dict[int, bytes] = {}
        self.clocks: dict[int, int] = {}

    async def arrive(self, node: Node) -> None:
        """Comes as it was before: nothing has moved."""
        await self.opened(node)
        self.seen.clear()
        self.show()

    def show(self) -> None:
        self.tell(Entry(self.client, self.clock, b'{"clock":%d}' % self.clock))

    def _receive(self, wire: Any, content: bytes) -> None:
        super()._receive(wire, content)
        if content[:1] == b"\x01":
            told = awareness.read(Reader(content[1:]).buffer(), 1 << 20)
            hear(self.seen, self.clocks, told)
            for entry in told:
                if entry.client == self.client and entry.state is None and entry.clock >= self.clock:
                    self.clock = entry.clock + 1
                    self.show()


def hear(seen: dict[int, bytes], clocks: dict[int, int], entries: list[Entry]) -> None:
    for told in entries:
        known = clocks.get(told.client, 0)
        if told.clock > known or (told.clock == known and told.state is None and told.client in seen):
            clocks[told.client] = told.clock
            if told.state is None:
                seen.pop(told.client, None)
            else:
                seen[told.client] = told.state


@pytest.fixture(params=["by the table", "over NATS"])
async def nodes(request: pytest.FixtureRequest, world: World) -> AsyncIterator[list[Node]]:
    """Two that know of each other."""
    url = world.database.notify_url
    async with running_node(url, shares_presence=True) as one, running_node(url, shares_presence=True) as other:
        await world.until(lambda: not one.rooms.presence.alone and not other.rooms.presence.alone)
        if request.param == "over NATS":
            connect(one, other)
            await world.comes_about(lambda: world.sql.fetchval(HEAR))
        yield [one, other]


def reads_no_more(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that has not read the log yet."""
    monkeypatch.setattr(node.rooms, "follow", lambda events: None)
    if (moves := node.rooms.presence._moves) is not None:
        monkeypatch.setattr(moves, "_hub", SimpleNamespace(epoch=node.hub.epoch, position=node.hub.position))


async def test_who_comes_back_over_another_server_is_seen_over_the_former_one(world: World, nodes: list[Node]) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    board = await world.board(ada, grace)
    watcher, tab = Npm(world, grace, board), Npm(world, ada, board, client=7)
    await watcher.opened(nodes[0])
    for number in range(4):
        await tab.arrive(nodes[number % 2])
        await world.until(lambda: 7 in watcher.seen, f"return {number} is seen")
        tab.drop()
        await world.until(lambda: 7 not in watcher.seen, f"departure {number} is seen")


async def test_a_return_is_told_with_a_higher_clock_than_the_departure_whoever_has_come_in_between(
    world: World, nodes: list[Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    board = await world.board(ada, grace)
    watcher, former, now = Npm(world, grace, board), Npm(world, ada, board, client=7), Npm(world, ada, board, client=7)
    await watcher.opened(nodes[0])
    await former.arrive(nodes[0])
    await world.until(lambda: 7 in watcher.seen)
    presence = nodes[0].rooms.presence
    with monkeypatch.context() as deaf:  # this server hears nothing of the other one for a while
        deaf.setattr(presence, "ring", lambda boards: None)
        await now.arrive(nodes[1])
        await world.comes_about(lambda: world.sql.fetchval("SELECT count(DISTINCT node) = 2 FROM document_presence"))
        later = await Npm(world, grace, board).opened(nodes[0])
        former.drop()
        await world.until(lambda: 7 not in watcher.seen)
    presence.ring([board])
    await world.until(lambda: 7 in watcher.seen, "the return is seen")
    assert later.open


@pytest.mark.parametrize("how", ["removed", "signed out", "the board is deleted"])
async def test_what_the_log_ends_is_over_on_a_server_that_has_heard_no_report(
    world: World, nodes: list[Node], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    ada, grace, eve = [await world.person(name) for name in ("ada", "grace", "eve")]
    board = await world.board(eve, ada, grace)
    watcher, tab, other = Npm(world, grace, board), Npm(world, ada, board, client=7), Npm(world, eve, board, client=8)
    await watcher.opened(nodes[0])
    for there in (tab, other):
        await there.arrive(nodes[1])
    await world.until(lambda: watcher.seen.keys() == {7, 8})
    reads_no_more(nodes[1], monkeypatch)
    if how == "removed":
        await world.sql.execute("DELETE FROM document_members WHERE user_id = $1", ada.user_id)
    elif how == "signed out":
        await world.sql.execute(
            "UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout' WHERE id = $1", ada.session_id
        )
    else:
        room = nodes[0].rooms.open[board]
        await world.sql.execute("UPDATE documents SET deleted_at = now()")
        await world.until(lambda: not len(room.awareness), "nobody is there any more")
        assert not watcher.open
        return
    await world.until(lambda: watcher.seen.keys() == {8}, "it is over")
    for _ in range(3):  # it goes on there, and nobody is told
        tab.clock += 1
        tab.show()
        other.clock += 1
        other.show()
        await world.until(lambda: watcher.seen[8].count(b"%d" % other.clock))
        assert 7 not in watcher.seen
    assert tab.open


async def test_what_was_read_before_the_log_has_ended_it_is_not_taken_in_after_that(
    world: World, nodes: list[Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, grace = await world.person("ada"), await world.person("grace")
    board = await world.board(grace, ada)
    watcher, tab = Npm(world, grace, board), Npm(world, ada, board, client=7)
    await watcher.opened(nodes[0])
    await tab.arrive(nodes[1])
    await world.until(lambda: 7 in watcher.seen)
    rooms = nodes[0].rooms
    reads_no_more(nodes[1], monkeypatch)
    read = shared_presence.DOCUMENT_PRESENCE.rows

    async def then_it_ends(*arguments: Any, **values: Any) -> Any:
        rows = await read(*arguments, **values)
        assert [row["client_id"] for row in rows] == [7]
        await world.sql.execute("DELETE FROM document_members WHERE user_id = $1", ada.user_id)
        await world.until(lambda: 7 not in watcher.seen)
        return rows

    monkeypatch.setattr(shared_presence, "DOCUMENT_PRESENCE", SimpleNamespace(rows=then_it_ends))
    assert (await rooms.presence.read([board]))[board] == []


STEPS = ["arrive", "leave", "cut", "notice", "move", "tell", "open", "send", "deliver"]
comings = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 1)), max_size=30)


@given(comings)
def test_whoever_is_there_is_seen_over_every_server_once_all_is_told(steps: list[tuple[str, int]]) -> None:
    """Two servers' awareness without the servers: what each has is brought to the other now and then, in any order.
    What is sent ahead of that comes late, or never."""
    rooms = [Awareness[Place](), Awareness[Place]()]
    seen: list[dict[int, bytes]] = [{}, {}]
    clocks: list[dict[int, int]] = [{}, {}]
    opening, clock = 0, 1
    place: tuple[int, Place] | None = None
    sent: list[tuple[int, list[tuple[Elsewhere, Entry]]]] = []
    ghosts: list[tuple[int, Place]] = []  # connections that are lost, which their servers have not noticed

    def show(at: int, entries: list[Entry]) -> None:
        hear(seen[at], clocks[at], as_told(rooms[at], entries, 2))

    def draw() -> int:
        nonlocal opening
        opening += 1
        return opening

    def present(room: Awareness[Place]) -> list[tuple[Elsewhere, Entry]]:
        return [(Elsewhere(1, 1, own[0].opening), own[1]) for client in room.all_own() if (own := room.own(client))]

    def bring(at: int) -> None:
        """To this one, from the other."""
        there = present(rooms[1 - at])
        if rooms[at].have_returned(there):
            rooms[at].lead(draw())
        show(at, rooms[at].take_elsewhere(there))

    for step, at in steps:
        if step == "arrive" and place is None:
            place = at, Place(1, 1, draw())
            rooms[at].lead(opening)
            changed, late = rooms[at].take(place[1], [entry(7, clock, {})])
            if late:
                clock = late[0].clock + 1
                changed, _ = rooms[at].take(place[1], [entry(7, clock, {})])
            show(at, changed)
        elif step == "leave" and place is not None:
            show(place[0], rooms[place[0]].leave(place[1]))
            place = None
        elif step == "cut" and place is not None:
            ghosts.append(place)
            place = None
        elif step == "notice" and ghosts:
            ghost = ghosts.pop(0)
            show(ghost[0], rooms[ghost[0]].leave(ghost[1]))
        elif step == "move" and place is not None:
            clock += 1
            show(place[0], rooms[place[0]].take(place[1], [entry(7, clock, {})])[0])
        elif step == "tell":
            bring(at)
        elif step == "send":
            sent.append((1 - at, present(rooms[at])))
        elif step == "deliver" and sent:
            to, there = sent.pop(0)
            if not rooms[to].have_returned(there):
                show(to, rooms[to].hear_elsewhere(there))
        elif step == "open":
            rooms[at].lead(draw())
    for ghost in ghosts:
        show(ghost[0], rooms[ghost[0]].leave(ghost[1]))
    for _ in range(2):
        bring(0)
        bring(1)
    assert [sorted(some) for some in seen] == ([[], []] if place is None else [[7], [7]])
