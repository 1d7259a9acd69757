"""Updates that have come whole when their connection ends: they are stored, as far as their sender still may."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from pycrdt import Text
from websockets.frames import Close, Frame, Opcode

from chat_core.documents.updates import EMPTY
from chat_core.tokens import Claims
from notify_server.documents.yjs import sync
from notify_server.documents.yjs.room import INLINE_BYTES
from tests.notify_server.documents.world import Node, Tab, World, running_node

LARGE = "x" * (2 << 20)
GOODBYE = Frame(Opcode.CLOSE, Close(1000, "").serialize()).serialize(mask=True)


def written(tab: Tab, text: str) -> bytes:
    """The message that writes this, as its client would send it."""
    tab.doc.get("text", type=Text).insert(0, text)
    update = tab.doc.get_update()
    assert update != EMPTY
    return Frame(Opcode.BINARY, b"\x00" + sync.update(update)).serialize(mask=True)


def busy(node: Node, person: Claims) -> AbstractAsyncContextManager[Any]:
    """So long nothing large of this person is looked at."""
    return node.rooms.documents.turn(person.user_id)


async def nothing_is_read(world: World, node: Node) -> None:
    await world.until(lambda: not node.rooms.edits._tasks, "all has been read")


@pytest.mark.parametrize("text", [LARGE, "x" * (INLINE_BYTES // 2)], ids=["large", "small"])
async def test_what_has_come_whole_before_the_close_is_stored(
    world: World, node: Node, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    tab, other = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    if text is not LARGE:
        monkeypatch.setattr(node.rooms.edits, "_left_bytes", 0)  # as where many write at once
    tab.wire.receive(written(tab, text) + GOODBYE)
    tab.drop()
    await world.until(lambda: other.text == text, "others see it")
    await world.is_stored(board, text)
    await nothing_is_read(world, node)
    assert not list(node.rooms.edits.readers)


async def test_its_board_does_not_leave_memory_before(world: World) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    async with running_node(world.database.notify_url, idle_seconds=0) as node:
        tab = await Tab(world, ada, board).opened(node)
        async with busy(node, ada):
            tab.wire.receive(written(tab, LARGE) + GOODBYE)
            tab.drop()
            node.rooms.forget_the_idle()
            assert board in node.rooms.open
        await world.is_stored(board, LARGE)


ENDS = {
    "removed": "DELETE FROM document_members WHERE user_id = $1",
    "made a viewer": "UPDATE document_members SET role = 'viewer' WHERE user_id = $1",
    "signed out": "UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout' WHERE user_id = $1",
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("left", [True, False], ids=["left", "still there"])
async def test_who_may_not_write_any_more_has_nothing_stored(world: World, node: Node, end: str, left: bool) -> None:
    """The log tells of it while the update is being read."""
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    owner, tab = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    async with busy(node, bob):
        tab.wire.receive(written(tab, LARGE) + (GOODBYE if left else b""))
        [place] = node.rooms.edits.readers
        if left:
            tab.drop()
        await world.sql.execute(ENDS[end], bob.user_id)
        await world.until(lambda: place.role == "viewer" or place not in node.rooms.edits.readers, "it is told")
    await nothing_is_read(world, node)
    owner.edit("only this")
    await world.is_stored(board, "only this")
    assert owner.text == "only this"


async def test_what_has_come_when_the_server_stops_is_stored(world: World, node: Node) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    tab = await Tab(world, ada, board).opened(node)
    tab.wire.receive(written(tab, LARGE))
    assert tab.socket is not None
    tab.socket.close("shutdown")
    await node.rooms.close(30)
    assert await world.stored(board) == LARGE
