"""Snapshots of boards, the process that makes them, and boards that leave memory: nothing is lost by any of it."""

import asyncio
import os
import random
import signal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Text

from chat_core.documents import lib0, worker
from chat_core.documents.process import Compacted, DocumentFailed, DocumentProcess, Documents
from chat_core.documents.updates import EMPTY, NOTHING, Extent, read_vector
from notify_server.documents.yjs import compaction, sync
from notify_server.documents.yjs.room import Room, Tail
from tests.notify_server.documents.world import Tab, World, running_node
from tests.notify_server.documents.yjs.test_codecs import make_updates


def text_of(*updates: bytes) -> str:
    doc = Doc[Any]()
    for update in updates:
        doc.apply_update(update)
    return str(doc.get("text", type=Text))


@given(st.integers(0, 2**32), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_in_whatever_order_updates_come_and_are_compacted_all_of_them_are_there(
    seed: int, randomly: random.Random
) -> None:
    doc, updates = make_updates(seed)
    updates *= 2  # some of them twice
    randomly.shuffle(updates)
    base, pending = EMPTY, False
    while updates:
        amount = randomly.randint(1, 5)
        some, updates = updates[:amount], updates[amount:]
        everything = Extent.of_all([base, *some])
        base, vector, deletions, pending, failing = worker.compact(base, some)
        assert failing == []
        made = Extent.of(base)
        assert made.covers(everything)
        assert Extent.of(deletions).deletions.covers(made.deletions)
        assert read_vector(made.vector()) == read_vector(vector)
    assert not pending
    assert text_of(base) == str(doc.get("text", type=Text))


async def test_the_process_is_made_anew_when_it_has_died_and_survives_what_is_no_update() -> None:
    documents = Documents(processes=1)
    try:
        async with documents.turn(1) as process:
            with pytest.raises(DocumentFailed, match="trailing bytes"):
                await process.check(EMPTY + b"x")
            doc = Doc[Any]()
            doc.get("text", type=Text).insert(0, "hello")
            update = doc.get_update()
            assert (await process.check(update)).covers(Extent.of(update))
            assert text_of(await process.difference([update], b"\x00")) == "hello"
            assert process._process is not None
            os.kill(process._process.pid, signal.SIGKILL)
            with pytest.raises(DocumentFailed, match="has ended"):
                await process.check(update)
            cancelled = asyncio.create_task(process.check(update))
            await asyncio.sleep(0)
            cancelled.cancel()
            await asyncio.wait([cancelled])
        async with documents.turn(1) as process:
            made = await process.compact(EMPTY, [update])
        assert (text_of(made.state), made.pending, made.failing) == ("hello", False, {})
    finally:
        await documents.close()


async def test_a_board_is_compacted_while_it_is_written_and_who_comes_gets_all_of_it(world: World) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    async with (
        running_node(world.database.notify_url, compact_updates=10) as node,
        running_node(world.database.notify_url, compact_updates=10) as other,
    ):
        first, second = await Tab(world, ada, board).opened(node), await Tab(world, bob, board).opened(other)
        for number in range(60):
            first.edit(f"{number} ")
            second.cut(3, 1)
            await asyncio.sleep(0)
        await world.until(lambda: first.text == second.text)
        await world.is_stored(board, first.text)
        rooms = [server.rooms.open[board] for server in (node, other)]

        async def most_is_in_a_snapshot() -> bool:
            first.edit("?")  # what came while a snapshot was made is in the next one, which an edit begins
            made: bool = await world.sql.fetchval("SELECT count(*) = 1 FROM board_snapshots WHERE seq > 40")
            return made and any(not room.snapshotting and len(room.tail) < 60 for room in rooms)

        await world.comes_about(most_is_in_a_snapshot)
        late = await Tab(world, ada, board).opened(node)
        first.edit("!")
        await world.until(lambda: first.text == second.text == late.text)
    async with running_node(world.database.notify_url) as fresh:
        assert (await Tab(world, ada, board).opened(fresh)).text == first.text
        assert len(fresh.rooms.open[board].tail) < 60
        assert await world.sql.fetchval("SELECT count(*) = max(seq) FROM board_updates")


async def test_what_waits_for_something_else_is_kept_by_a_snapshot(world: World) -> None:
    """The second of two updates is stored and compacted, the first comes later."""
    ada = await world.person("ada")
    board = await world.board(ada)
    writer = Doc[Any]()
    updates = []
    for text in ("first", "second"):
        before = writer.get_state()
        writer.get("text", type=Text).insert(0, text)
        updates.append(writer.get_update(before))
    del writer.get("text", type=Text)[0:3]
    deleting = writer.get_update(writer.get_state())
    async with running_node(world.database.notify_url, compact_updates=2) as node:
        tab = await Tab(world, ada, board).opened(node)
        for update in (updates[1], deleting):
            tab.send(b"\x00" + sync.update(update))
        await world.comes_about(lambda: world.sql.fetchval("SELECT count(*) = 1 FROM board_snapshots WHERE pending"))
        await world.sql.execute("DELETE FROM board_updates")  # as when its history is over
        tab.drop()
        async with running_node(world.database.notify_url, compact_updates=2) as other:
            tab = await Tab(world, ada, board).opened(other)
            assert tab.text == ""
            tab.send(b"\x00" + sync.update(updates[0]))
            late = await Tab(world, ada, board).opened(other)
            await world.until(lambda: late.text == "ondfirst")


async def test_a_board_is_compacted_without_an_update_on_which_yjs_fails(world: World) -> None:
    """One that was stored before the server knew better. What comes back with a client is not stored again."""
    ada = await world.person("ada")
    board = await world.board(ada)
    beside_itself = b"\x01\x01\x07\x00\x84\x07\x00\x01a\x00"
    await world.sql.execute(
        "SELECT board_append('n', ARRAY[$1::bigint], '{1}', ARRAY[$2::bytea], 0, false)", board, beside_itself
    )
    async with running_node(world.database.notify_url, compact_updates=3) as node:
        tab = Tab(world, ada, board)
        await tab.connect(node)
        for word in ("one ", "two ", "three "):
            tab.edit(word)
        await world.comes_about(lambda: world.sql.fetchval("SELECT count(*) = 1 FROM board_quarantine WHERE seq = 1"))
        await world.is_stored(board, tab.text)
        await world.comes_about(lambda: world.sql.fetchval("SELECT count(*) = 1 FROM board_snapshots"))
        tab.drop()
    async with running_node(world.database.notify_url) as node:
        again = await Tab(world, ada, board).opened(node)
        assert again.text == tab.text
        assert node.rooms.open[board].known.covers(Extent.of(beside_itself))


async def test_a_board_that_nobody_has_open_leaves_memory(world: World) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    async with running_node(world.database.notify_url, idle_seconds=0, compact_updates=40) as node:
        tab = await Tab(world, ada, board).opened(node)
        node.rooms.forget_the_idle()
        for number in range(15):
            tab.edit(f"{number} ")
        assert board in node.rooms.open
        tab.drop()
        await world.until(lambda: not node.rooms.open[board].waiting)
        node.rooms.forget_the_idle()  # it gets a snapshot first
        await world.until(lambda: not node.rooms.open[board].snapshotting)
        node.rooms.forget_the_idle()
        assert node.rooms.open == {}
        assert await world.sql.fetchval("SELECT seq FROM board_snapshots") == 15
        again = await Tab(world, ada, board).opened(node)
        assert again.text == tab.text


def test_a_snapshot_leaves_what_is_not_in_it() -> None:
    room = Room(1, lambda _: None, lambda *_: None, [(1, b"one"), (2, b"two")])
    room.tail += [Tail(None, b"on its way"), Tail(3, b"three")]
    room.rebase(2, b"state", NOTHING, pending=False)
    assert room.updates() == [b"state", b"on its way", b"three"]
    assert room.bytes == len(b"".join(room.updates()))


def taking_long(amount: int) -> bytes:
    """Two clients' items at one place: Yjs compares each of the one's with each of the other's, since the second one's
    first item comes after the other's last."""
    item = b"\x08\x01\x01a\x01\x7e"
    after_the_others = b"\x88" + lib0.uint(7) + lib0.uint(amount - 1) + b"\x01\x7e"
    of_clients = (8, after_the_others + item * (amount - 1)), (7, item * amount)
    structs = (lib0.uint(amount) + lib0.uint(client) + b"\x00" + items for client, items in of_clients)
    return b"\x02" + b"".join(structs) + b"\x00"


@pytest.mark.slow
async def test_an_update_that_takes_too_long_is_found_and_quarantined(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The update would take more than a minute of a core. Only calls with it are given less time than compaction gives
    them, so all others may take as long as a busy machine needs."""
    ada = await world.person("ada")
    board = await world.board(ada)
    long = taking_long(40_000)
    given: list[float] = []

    class Hurried(DocumentProcess):
        async def compact(self, base: bytes, updates: list[bytes]) -> Compacted:
            now = asyncio.get_running_loop().time()
            given.append(self.give_up_at - now)
            self.give_up_at = now + (0.5 if long in updates else 60)
            return await super().compact(base, updates)

    monkeypatch.setattr("chat_core.documents.process.DocumentProcess", Hurried)
    async with running_node(world.database.notify_url, compact_updates=4) as node:
        tab = await Tab(world, ada, board).opened(node)
        tab.edit("one ")
        tab.send(b"\x00" + sync.update(long))
        for word in ("two ", "three "):
            tab.edit(word)
        await world.comes_about(
            lambda: world.sql.fetchval("SELECT count(*) = 1 FROM board_quarantine WHERE data = $1", long)
        )
        await world.comes_about(lambda: world.sql.fetchval("SELECT count(*) = 1 FROM board_snapshots"))
        await world.is_stored(board, tab.text)
    assert await world.sql.fetchval("SELECT reason FROM board_quarantine") == "it takes too long, or too much memory"
    assert compaction.PART_SECONDS < given[0] <= compaction.LONGEST_SECONDS
    assert max(given[1:3]) <= compaction.PART_SECONDS


def test_types_that_come_to_be_nested_too_deep_are_quarantined_and_what_is_left_can_be_worked_with() -> None:
    """Each update nests by one, and is well by itself."""
    first = b"\x01\x01\x07\x00\x27\x01\x01m\x01k\x01\x00"
    within = (
        b"\x01\x01\x07" + lib0.uint(n) + b"\x27\x00\x07" + lib0.uint(n - 1) + b"\x01k\x01\x00" for n in range(1, 600)
    )
    updates = [first, *within]
    for order in (updates, updates[::-1]):
        state, _, _, pending, failing = worker.compact(EMPTY, order)
        assert [order[at] for at, _ in failing] == [updates[500]]
        assert "more than 500 deep" in failing[0][1]
        assert pending  # for what is not on the board
    half = worker.compact(EMPTY, updates[:300])[0]
    assert [at for at, _ in worker.compact(half, updates[300:])[4]] == [200]
    assert worker.export(state, [])[0] == b'{"m":' + b'{"k":' * 500 + b"{}" + b"}" * 501
    emptied = worker.compact(state, [b"\x00\x01\x07\x01\x00\x01"])[0]
    assert worker.export(emptied, [])[0] == b"{}"
    assert worker.export(emptied, [worker.restore(half, emptied)]) == worker.export(half, [])
