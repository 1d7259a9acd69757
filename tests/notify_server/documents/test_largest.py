"""The largest messages that a client may send, on boards as bad as any may be: none holds the loop for long."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable

import pytest
from websockets.frames import Frame, Opcode

from chat_core.documents import lib0
from chat_core.documents.ranges import MOST_CLIENTS, MOST_RANGES
from chat_core.documents.updates import Extent
from notify_server.documents.yjs import edits, sync
from notify_server.documents.yjs.room import INLINE_BYTES
from notify_server.documents.yjs.socket import BoardSocket
from tests.notify_server.documents.world import Node, Tab, World, running_node
from tests.support.holds import holds

pytestmark = pytest.mark.slow

# Seconds of CPU. Others on the machine make them longer, if not by much: half of it is what is meant.
LONGEST = 0.1  # twice what is promised: other processes share the machine
# What a transport gives its protocol at most in one go.
READ = 256 << 10
uint = lib0.uint


def deleting(amount: int, first: int = 0, step: int = 2, client: int = 1) -> bytes:
    """An update with so many deletions that lie apart."""
    ranges = b"".join(uint(first + number * step) + b"\x01" for number in range(amount))
    return b"\x00\x01" + uint(client) + uint(amount) + ranges


def of_clients(amount: int, first: int = 0) -> bytes:
    """An update in which so many clients bring a clock each."""
    return uint(amount) + b"".join(b"\x01" + uint(first + n) + b"\x00\x00\x01" for n in range(amount)) + b"\x00"


def collected(amount: int) -> bytes:
    """So many structs of one client, two bytes each."""
    return b"\x01" + uint(amount) + b"\x01\x00" + b"\x00\x01" * amount + b"\x00"


def vector(amount: int) -> bytes:
    return uint(amount) + b"".join(uint(first) + b"\x01" for first in range(amount))


# Ranges to put others between, and clients.
@functools.cache
def worst() -> list[bytes]:
    return [deleting(200_000, 0, 8), of_clients(20_000)]


async def worst_board(world: World, board: int) -> None:
    for seq, data in enumerate(worst(), 1):
        await world.sql.execute(
            "INSERT INTO board_updates (board_id, seq, origin, data) VALUES ($1, $2, 'x', $3)", board, seq, data
        )
    await world.sql.execute("UPDATE documents SET last_seq = $2 WHERE id = $1", board, len(worst()))


@pytest.fixture
async def lazy_node(world: World) -> AsyncIterator[Node]:
    """That makes no snapshots: in these boards all waits for what never comes."""
    async with running_node(world.database.notify_url, compact_updates=1_000_000) as node:
        yield node


class Client(Tab):
    """Sends what it is given, and takes in nothing: a document of its own would hold the loop too."""

    async def opened(self, node: Node) -> "Client":
        await super().opened(node)
        return self

    def _receive(self, wire: object, content: bytes) -> None:
        self.world.news.set()
        if content[:2] == b"\x00\x01":
            self.synced = True
        elif content[:1] == b"\x02":
            self.denied.append(content[3:].decode())

    async def read(self, frames: list[bytes]) -> None:
        for read in frames:
            await asyncio.sleep(0)
            assert self.socket is not None
            self.socket.data_received(read)
        await asyncio.sleep(0)  # else this step would end only after what watches it


def in_reads(messages: list[bytes]) -> list[bytes]:
    """As a server reads them: together, as much as a transport gives in one go."""
    frames = b"".join(Frame(Opcode.BINARY, message).serialize(mask=True) for message in messages)
    return [frames[at : at + READ] for at in range(0, len(frames), READ)]


def update(data: bytes) -> bytes:
    return b"\x00" + sync.update(data)


def step_2(data: bytes) -> bytes:
    return b"\x00" + sync.step_2(data)


def step_1(data: bytes) -> bytes:
    return b"\x00" + sync.step_1(data)


MESSAGES: dict[str, Callable[[], list[bytes]]] = {
    "more ranges than a board may have": lambda: [update(deleting(MOST_RANGES + 1))],
    "20 KiB between what is there": lambda: [update(deleting(4000, 3, 400))],
    "234 KiB between what is there": lambda: [update(deleting(50_000, 3, 32))],
    "many of the largest that are read at once": lambda: [
        update(deleting(INLINE_BYTES // 5, 3 + n, 1600)) for n in range(40)
    ],
    "what is there already": lambda: [step_2(worst()[0])],
    "a million structs": lambda: [update(collected(1_000_000))],
    "more clients than a board may have": lambda: [update(of_clients(MOST_CLIENTS + 1, 100_000))],
    "30,000 more clients": lambda: [update(of_clients(30_000, 100_000))],
    "a vector of all of them": lambda: [step_1(vector(MOST_CLIENTS))],
    "a vector and an edit by turns": lambda: [
        message for n in range(400) for message in (step_1(vector(1)), update(deleting(1, 100 + 2 * n, 2, 7)))
    ],
    "what is no update": lambda: [update(b"\x00\x01\x01" + uint(4_000_000) + b"\x01\x01" * 3_000_000)],
}


@pytest.mark.long
async def test_none_holds_the_loop_for_long(world: World, lazy_node: Node) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    await worst_board(world, board)
    client = Client(world, ada, board)
    with holds() as opening:
        await client.opened(lazy_node)
    took = {"opening": opening}
    room, edits = lazy_node.rooms.open[board], lazy_node.rooms.edits

    def settled() -> bool:
        sockets = [peer.socket for peer in room.peers if isinstance(peer.socket, BoardSocket)]
        return len(sockets) == len(room.peers) and not edits._tasks and not any(s.answers.busy for s in sockets)

    for name, make in MESSAGES.items():
        frames = in_reads(make())
        if not client.open:
            client = Client(world, ada, board)
            await client.connect(lazy_node)
        await world.until(settled)
        with holds() as took[name]:
            await client.read(frames)
            await world.until(settled)
    assert not {name: (held.longest, held.what) for name, held in took.items() if held.longest > LONGEST}
    # All of this was done, and not refused before it came to anything.
    assert room.known.structs.covers(Extent.of(of_clients(30_000, 100_000)).structs)
    assert client.denied == ["board_full", "board_full", "protocol_error"]


async def test_an_update_of_a_viewers_is_refused_unread_and_their_step_2_is_looked_at(world: World, node: Node) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob, role="viewer")
    viewer = await Client(world, bob, board).opened(node)
    await viewer.read(in_reads([update(b"no update")]))
    await world.until(lambda: viewer.denied == ["read_only"])
    assert viewer.open
    await viewer.read(in_reads([step_2(deleting(1))]))
    await world.until(lambda: viewer.denied == ["read_only", "read_only"])
    await viewer.read(in_reads([step_2(b"no update")]))
    await world.until(lambda: viewer.denied[2:] == ["protocol_error"])


async def test_what_waits_to_be_read_is_bounded(world: World, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    monkeypatch.setattr(edits, "MOST_UNREAD_BYTES", 40_000)
    client = await Client(world, ada, board).opened(node)
    await client.read(in_reads([update(deleting(6000, 2 * n)) for n in range(6)]))
    await world.until(lambda: client.denied == ["rate"])
    await world.until(lambda: not node.rooms.edits._tasks)
    assert not node.rooms.edits._unread_bytes
