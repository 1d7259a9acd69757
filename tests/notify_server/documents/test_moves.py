"""Who moves on a board is told to other servers over NATS where all of them hear it, and stored a little later."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from notify_server.documents import shared_presence
from notify_server.relay.hints import Moved, State
from tests.notify_server.documents.test_returns import HEAR, Npm
from tests.notify_server.documents.world import World, connect, running_node

STATE = "SELECT state::json ->> 'clock' = $1 FROM document_presence"


async def test_moves_are_sent_and_stored_later_and_by_the_table_alone_where_one_does_not_hear(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = world.database.notify_url
    reads: list[list[int]] = []
    read = shared_presence.DOCUMENT_PRESENCE.rows

    async def count(pool: Any, documents: list[int], node: str) -> Any:
        reads.append(documents)
        return await read(pool, documents=documents, node=node)

    monkeypatch.setattr(shared_presence, "DOCUMENT_PRESENCE", SimpleNamespace(rows=count))
    async with running_node(url, shares_presence=True) as one, running_node(url, shares_presence=True) as other:
        await world.until(lambda: not one.rooms.presence.alone and not other.rooms.presence.alone)
        ways = connect(one, other)
        await world.comes_about(lambda: world.sql.fetchval(HEAR))
        ada, grace = await world.person("ada"), await world.person("grace")
        board = await world.board(ada, grace)
        watcher, tab = Npm(world, grace, board), Npm(world, ada, board, client=7)
        await watcher.opened(one)
        await tab.arrive(other)
        await world.until(lambda: 7 in watcher.seen, "who comes is seen")

        async def move() -> None:
            tab.clock += 1
            tab.show()
            await world.until(lambda: b'"clock":%d,' % tab.clock in watcher.seen[7], "it is seen")

        await move()  # the reads that its arrival has caused are over
        reads.clear()
        for _ in range(5):
            await move()
        assert [state.clock for state in ways[1].sent][-5:] == [*range(tab.clock - 4, tab.clock + 1)]
        await world.comes_about(lambda: world.sql.fetchval(STATE, str(tab.clock)))
        await move()
        assert reads == []

        ways[0].is_led = False
        await world.comes_about(lambda: world.sql.fetchval(f"SELECT NOT ({HEAR})"))
        await move()
        await world.until(lambda: reads, "it was read")
        amount = len(ways[1].sent)
        await move()
        assert len(ways[1].sent) == amount
        tab.drop()
        await world.until(lambda: 7 not in watcher.seen, "who goes is not seen")


async def test_what_comes_too_late_or_from_another_epoch_is_dropped(world: World) -> None:
    async with running_node(world.database.notify_url) as node:
        connect(node)
        ada = await world.person("ada")
        board = await world.board(ada)
        await Npm(world, ada, board).opened(node)
        presence, hub = node.rooms.presence, node.hub
        state = State(board, 7, 1, ada.user_id, ada.session_id, 1, b"{}")
        present = node.rooms.open[board].awareness
        presence.hear_moved(Moved("another", "former", hub.position, [state]))
        presence.hear_moved(Moved("another", hub.epoch, hub.ring.floor - 1, [state]))
        assert len(present) == 0
        presence.hear_moved(Moved("another", hub.epoch, hub.position, [state]))
        assert len(present) == 1
        presence.hear_moved(Moved("another", hub.epoch, hub.position, [state]))
        assert len(present) == 1


async def test_what_is_sent_while_the_table_is_read_is_not_taken_back_by_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_node(world.database.notify_url) as node:
        connect(node)
        ada = await world.person("ada")
        board = await world.board(ada)
        await Npm(world, ada, board).opened(node)
        presence, hub = node.rooms.presence, node.hub

        async def then_it_moves(*_: Any, **__: Any) -> list[Any]:
            state = State(board, 7, 1, ada.user_id, ada.session_id, 1, b"{}")
            presence.hear_moved(Moved("another", hub.epoch, hub.position, [state]))
            return []

        monkeypatch.setattr(shared_presence, "DOCUMENT_PRESENCE", SimpleNamespace(rows=then_it_moves))
        present = (await presence.read([board]))[board]
        assert [entry.client for _, entry in present] == [7]
        node.rooms.open[board].take_presence_elsewhere(present)
        assert len(node.rooms.open[board].awareness) == 1


async def test_who_leaves_while_their_last_move_is_being_stored_is_not_stored_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = world.database.notify_url
    async with running_node(url, shares_presence=True) as one, running_node(url, shares_presence=True) as other:
        await world.until(lambda: not one.rooms.presence.alone and not other.rooms.presence.alone)
        connect(one, other)
        await world.comes_about(lambda: world.sql.fetchval(HEAR))
        ada, grace = await world.person("ada"), await world.person("grace")
        board = await world.board(ada, grace)
        watcher, tab = Npm(world, grace, board), Npm(world, ada, board, client=7)
        await watcher.opened(one)
        await tab.arrive(other)
        await world.until(lambda: 7 in watcher.seen)
        presence, key = other.rooms.presence, (board, 7)
        storing, go_on, begun = asyncio.Event(), asyncio.Event(), list[str]()
        tell = shared_presence.TELL_DOCUMENT_PRESENCE.one

        async def slowly(pool: Any, **values: Any) -> Any:
            begun.append("stored" if values["quiet"] else "left")
            if values["quiet"]:
                storing.set()
                await go_on.wait()
            return await tell(pool, **values)

        monkeypatch.setattr(shared_presence, "TELL_DOCUMENT_PRESENCE", SimpleNamespace(one=slowly))
        async with asyncio.timeout(30), asyncio.TaskGroup() as both:
            both.create_task(presence._tell_some({key}, quiet=True))
            await storing.wait()
            tab.drop()
            await world.until(lambda: 7 not in other.rooms.open[board].awareness.all_own(), "it has left")
            both.create_task(presence._tell_some({key}))
            await asyncio.sleep(0)
            assert begun == ["stored"]
            go_on.set()
        assert begun == ["stored", "left"]
        await world.until(lambda: 7 not in watcher.seen, "who goes is not seen")
        assert not await world.sql.fetchval("SELECT count(*) FROM document_presence")
