"""Whatever happens in whatever order, all come to one document: edits, lost connections, other servers, changes of
role, snapshots, boards that leave memory."""

from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.notify_server.documents.world import Node, Tab, World, running_node
from tests.support.postgres import Database

pytestmark = pytest.mark.slow

steps = st.tuples(
    st.sampled_from(["edit", "edit", "cut", "drop", "connect", "other", "viewer", "editor", "forget", "settle"]),
    st.integers(0, 2),
    st.integers(0, 20),
)


async def settle(world: World, tabs: list[Tab], nodes: list[Node], board: int) -> None:
    """All who may edit come back with what they have, and everybody comes to the same."""
    for number, tab in enumerate(tabs):
        if tab.denied:  # as a client does whose edit was refused
            tab.drop()
            tab.denied.clear()
            tab.doc = type(tab.doc)(client_id=tab.doc.client_id + 1000)
        if not tab.open:
            await tab.connect(nodes[number % 2])
    await world.until(lambda: all(tab.synced or not tab.open for tab in tabs), "all have all")
    await world.until(
        lambda: not any(room.waiting for node in nodes for room in node.rooms.open.values()), "all is durable"
    )
    # A refusal may be on its way to a tab still: it is looked anew each time who has none.
    await world.until(lambda: len({tab.text for tab in tabs if not tab.denied}) == 1, "all have the same")
    await world.is_stored(board, next(tab.text for tab in tabs if not tab.denied))


# A viewer's edit right before all is held against all: its refusal is still on its way.
@example(
    [("connect", who, 0) for who in range(3)]
    + [("settle", 0, 0), ("viewer", 1, 0), *[("settle", 0, 0)] * 3, ("edit", 1, 3), ("settle", 0, 0)],
    False,
)
@given(st.lists(steps, min_size=5, max_size=40), st.booleans())
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_all_come_to_one_document(database: Database, actions: list[tuple[str, int, int]], early: bool) -> None:
    """`early`: servers tell each other of updates that they are storing."""
    async with database.connect() as sql, AsyncExitStack() as stack:
        world = World(database, sql)
        nodes = [
            await stack.enter_async_context(running_node(database.notify_url, compact_updates=3, idle_seconds=0))
            for _ in range(2)
        ]
        if early:
            for one, other in (nodes, nodes[::-1]):
                one.rooms.tell_early = other.rooms.hear_early
        people = [await world.person(name) for name in ("ada", "bob", "eve")]
        board = await world.board(*people)
        tabs = [Tab(world, person, board) for person in people]
        for action, who, amount in actions:
            tab, node = tabs[who], nodes[(who + amount) % 2]
            match action:
                case "edit":
                    tab.edit("abcdefghij"[: amount % 10 + 1], amount)
                case "cut":
                    tab.cut(amount, 3)
                case "drop":
                    tab.drop()
                case "connect" | "other" if not tab.open:
                    await tab.connect(node)
                case "viewer" | "editor" if who:
                    await world.role(board, tab.claims, action)
                case "forget":
                    node.rooms.forget_the_idle()
                case "settle":
                    await settle(world, tabs, nodes, board)
        for person in people[1:]:
            await world.role(board, person, "editor")
        for tab in tabs:
            tab.drop()
        await settle(world, tabs, nodes, board)
        fresh = await Tab(world, people[0], board).opened(nodes[0])
        assert fresh.text == tabs[0].text
        for tab in tabs:
            tab.drop()
        await world.until(lambda: not any(room.waiting for node in nodes for room in node.rooms.open.values()))


async def test_others_see_an_edit_before_it_is_stored_and_once(database: Database) -> None:
    async with (
        database.connect() as sql,
        database.connect() as holder,
        running_node(database.notify_url) as here,
        running_node(database.notify_url) as there,
    ):
        here.rooms.tell_early = there.rooms.hear_early
        world = World(database, sql)
        people = [await world.person(name) for name in ("ada", "bob", "eve")]
        board = await world.board(*people)
        ada, bob = (Tab(world, person, board) for person in people[:2])
        await ada.opened(here)
        await bob.opened(there)
        async with holder.transaction():
            await holder.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", board)
            ada.edit("seen")
            await world.until(lambda: bob.text == "seen", "before it is stored")
            assert await world.stored(board) == ""
            # Somebody who comes now does not have it, and gets it when it is stored.
            eve = await Tab(world, people[2], board).opened(there)
            assert eve.text == ""
        await world.until(lambda: eve.text == "seen", "when it is stored")
        received = bob.received
        ada.edit("and once: ")
        await world.until(lambda: eve.text == bob.text == "and once: seen")
        await world.is_stored(board, "and once: seen")
        ada.edit("!")
        await world.until(lambda: bob.text == "!and once: seen")
        assert bob.received == received + 2
