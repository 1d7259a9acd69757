"""Servers' rooms on one database, in this process, and tabs of people who have a board open: a document each, and
y-websocket's protocol over a connection that is no socket."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from pycrdt import Doc, Text
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import Protocol, Side

from chat_core.database.pool import open_pool
from chat_core.database.readiness import Readiness
from chat_core.documents import lib0
from chat_core.documents.lib0 import Reader
from chat_core.documents.updates import EMPTY
from chat_core.settings import Boards, Database, Notify, Settings
from chat_core.tokens import Claims
from notify_server.documents import shared_presence
from notify_server.documents.access import Refused
from notify_server.documents.awareness import Entry
from notify_server.documents.context import Context
from notify_server.documents.moves import Moves
from notify_server.documents.protocols.y_websocket import YWebSocket, YWebSocketPeer
from notify_server.documents.yjs import awareness, sync
from notify_server.documents.yjs.rooms import CHANNEL, BoardRooms
from notify_server.fan_out.hub import Hub
from notify_server.fan_out.listener import Listener
from notify_server.fan_out.ring import Ring
from notify_server.presence.registry import Registry
from notify_server.relay.hints import Moved, State
from notify_server.websocket.strangers import Strangers
from tests.support import postgres

PATIENCE_SECONDS = 60
_numbers = itertools.count(1)


class Node:
    """One server's rooms, which follow the log."""

    def __init__(self, settings: Settings, rooms: BoardRooms, hub: Hub) -> None:
        self.settings, self.rooms, self.hub = settings, rooms, hub


class Way:
    """NATS between nodes, without NATS."""

    is_led = True

    def __init__(self) -> None:
        self.nodes: list[tuple[Node, Way]] = []
        self.sent: list[State] = []

    def tell_moved(self, epoch: str, position: int, states: Iterable[State]) -> None:
        self.sent += states
        for node, way in self.nodes:
            if way is not self and way.is_led and states:
                node.rooms.presence.hear_moved(Moved("another", epoch, position, list(states)))

    async def tell(self, texts: list[str]) -> None:
        """Presence of users is not looked at here."""

    def lost_seconds(self) -> float:
        return 0.0


def connect(*nodes: Node) -> list[Way]:
    """From now on they hear each other beside the database."""
    ways = [Way() for _ in nodes]
    for node, way in zip(nodes, ways, strict=True):
        way.nodes += zip(nodes, ways, strict=True)
        node.rooms.presence.over(Moves(way, node.hub))
        node.rooms.context.registry.over(way)
    return ways


@asynccontextmanager
async def running_node(url: str, *, shares_presence: bool = False, **boards: Any) -> AsyncIterator[Node]:
    """`shares_presence`: it tells others who is there, and hears of theirs."""
    settings = Settings(
        database=Database(url=url),  # type: ignore[arg-type]
        boards=Boards(**boards),
        notify=Notify(poll_seconds=600),
    )
    pool = await open_pool(settings.database, "test boards")
    hub = Hub(Ring(1 << 20))
    registry = Registry(hub, settings.notify)
    made = BoardRooms(Context(settings, pool, registry, Readiness(pool), Strangers()))
    hub.followers += [made.access, made]
    heard = {CHANNEL: made.hear, shared_presence.CHANNEL: made.presence.hear}

    def missed(_: float) -> None:
        made.missed()
        made.presence.start_over()

    listener = Listener(settings, hub, heard, missed)
    await listener.start()
    tasks = [
        asyncio.create_task(listener.run()),
        asyncio.create_task(made.read_others()),
    ]
    if shares_presence:
        sharing = registry.run(pool), made.presence.tell(), made.presence.store(), made.presence.listen()
        tasks += [asyncio.create_task(task) for task in sharing]
    try:
        yield Node(settings, made, hub)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await made.presence.last_word()
        await made.close(5)
        pool.terminate()


class Wire(asyncio.Transport):
    """The connection as the server has it: what is written is read by the tab in the loop's next turn."""

    def __init__(self, received: Callable[[bytes], None]) -> None:
        super().__init__()
        self._parser = Protocol(Side.CLIENT, max_size=None)
        self._received = received
        self.close_code: int | None = None
        self.waiting = 0
        self.closed = self.half_closed = False
        # What the client has sent while nothing was read.
        self.unread: list[bytes] | None = None
        self.reader: asyncio.Protocol

    def pause_reading(self) -> None:
        self.unread = []

    def resume_reading(self) -> None:
        unread, self.unread = self.unread, None
        for data in unread or ():
            asyncio.get_running_loop().call_soon(self.receive, data)

    def receive(self, data: bytes) -> None:
        if self.unread is not None:
            self.unread.append(data)
        elif not self.closed:
            self.reader.data_received(data)

    def write(self, data: Any) -> None:
        self._parser.receive_data(bytes(data))
        for frame in self._parser.events_received():
            assert isinstance(frame, Frame)
            if frame.opcode is Opcode.BINARY:
                asyncio.get_running_loop().call_soon(self._received, bytes(frame.data))
            elif frame.opcode is Opcode.CLOSE:
                self.close_code = Close.parse(bytes(frame.data)).code
                asyncio.get_running_loop().call_soon(self._received, b"")

    def write_eof(self) -> None:
        self.half_closed = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return self.waiting


class World:
    """People with a board. `news` is set whenever a tab has received something."""

    def __init__(self, database: postgres.Database, sql: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.database, self.sql = database, sql
        self.news = asyncio.Event()

    async def person(self, name: str) -> "Claims":
        user = await self.sql.fetchval(
            "INSERT INTO users (email, fullname, password_hash) VALUES ($1, $2, '') RETURNING id",
            f"{name}.{next(_numbers)}@example.com",
            name,
        )
        session = await self.sql.fetchval(
            "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '1 day') RETURNING id", user
        )
        return Claims(user, session, int(time.time()) + 900)

    async def board(self, *people: Claims, role: str = "editor") -> int:
        """The first is the owner."""
        async with self.sql.transaction():
            workspace = await self.sql.fetchval("INSERT INTO workspaces (name) VALUES ('w') RETURNING id")
            for person in people:
                await self.sql.execute(
                    "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, $3)",
                    workspace,
                    person.user_id,
                    "owner" if person is people[0] else "member",
                )
            board: int = await self.sql.fetchval(
                "INSERT INTO documents (kind, workspace_id, name) VALUES ('board', $1, 'plan') RETURNING id", workspace
            )
            for person in people:
                await self.sql.execute(
                    "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, $3)",
                    board,
                    person.user_id,
                    "owner" if person is people[0] else role,
                )
        return board

    async def role(self, board: int, person: Claims, role: str) -> None:
        await self.sql.execute(
            "UPDATE document_members SET role = $3 WHERE document_id = $1 AND user_id = $2", board, person.user_id, role
        )

    async def until(self, holds: Callable[[], Any], what: str = "") -> None:
        """It is looked at again whenever a tab has received something, and now and then: what the log says moves roles
        in silence."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not holds():
                    self.news.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self.news.wait(), 0.05)
        except TimeoutError:
            raise AssertionError(f"did not come about: {what or holds}") from None

    async def comes_about(self, holds: Callable[[], Awaitable[Any]]) -> None:
        """In the database, which notifies nobody."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await holds():
                await self.sql.execute("SELECT pg_sleep(0.02)")  # what this waits for needs the core too

    async def is_stored(self, board: int, text: str) -> None:
        async def holds() -> bool:
            return await self.stored(board) == text

        await self.comes_about(holds)

    async def stored(self, board: int) -> str:
        """The text that the database has, however it has it."""
        doc = Doc[Any]()
        for row in await self.sql.fetch(
            "SELECT 0 AS seq, state AS data FROM board_snapshots WHERE board_id = $1 "
            "UNION ALL SELECT seq, data FROM board_updates WHERE board_id = $1 ORDER BY seq",
            board,
        ):
            doc.apply_update(row["data"])
        return str(doc.get("text", type=Text))


class Place(YWebSocketPeer):
    """Its tab counts what has become durable, which this protocol does not tell."""

    __slots__ = ()

    def stored(self, token: object) -> None:
        assert isinstance(self.socket, Socket)
        self.socket.tab.durable += 1


class Socket(YWebSocket):
    __slots__ = ("tab",)

    tab: "Tab"


class Tab:
    """A document, and a connection to a node now and then."""

    def __init__(self, world: World, claims: Claims, board: int) -> None:
        self.world, self.claims, self.board = world, claims, board
        self.doc = Doc[Any](client_id=next(_numbers))
        self.socket: YWebSocket | None = None
        self.wire: Wire
        self.others: dict[int, Entry] = {}
        self.synced = False
        self.denied: list[str] = []
        self.received = 0
        self.durable = 0

    @property
    def text(self) -> str:
        return str(self.doc.get("text", type=Text))

    @property
    def open(self) -> bool:
        return self.socket is not None and not self.socket.reason

    def begin(self, node: Node) -> Socket:
        """The connection is there, and the board not open yet."""
        self.synced, self.others = False, {}
        wire = self.wire = Wire(lambda content: self._receive(wire, content))
        made = node.rooms
        socket = Socket(next(_numbers), "", wire, made)
        socket.tab = self
        wire.reader = socket
        self.socket = socket
        socket.begin(b"")
        socket.go_live()
        return socket

    async def connect(self, node: Node) -> None:
        """Refused as a connection is: by its close code."""
        self.begin(node)
        self.send(b"\x00" + sync.step_1(self.doc.get_state()))
        await self.enter(node)

    async def enter(self, node: Node) -> None:
        """What comes after `begin`."""
        socket, made = self.socket, node.rooms
        assert isinstance(socket, Socket)
        socket.identify(self.claims)
        try:
            made.add(socket)
            peer = await made.enter(socket, self.claims, self.board, Place)
        except Refused as refused:
            socket.refuse(refused.reason, refused.problem)
        else:
            if not socket.reason:
                socket.take_place(peer)

    async def opened(self, node: Node) -> "Tab":
        await self.connect(node)
        await self.world.until(lambda: self.synced, "synced")
        return self

    def drop(self) -> None:
        """The connection is lost."""
        if self.socket is not None:
            self.socket.connection_lost(None)
            self.socket = None

    def edit(self, text: str, at: int = 0) -> None:
        self._change(lambda shown: shown.insert(min(at, len(shown)), text))

    def cut(self, at: int, length: int) -> None:
        def remove(shown: Text) -> None:
            if at < len(shown):
                del shown[at : min(len(shown), at + length)]

        self._change(remove)

    def _change(self, change: Callable[[Text], object]) -> None:
        before = self.doc.get_state()
        change(self.doc.get("text", type=Text))
        update = self.doc.get_update(before)
        if update != EMPTY:
            self.send(b"\x00" + sync.update(update))

    def send(self, content: bytes) -> None:
        if self.socket is not None and not self.socket.reason:
            self.wire.receive(Frame(Opcode.BINARY, content).serialize(mask=True))

    def tell(self, *entries: Entry) -> None:
        self.send(b"\x01" + lib0.buffer(awareness.write(entries)))

    def _receive(self, wire: Wire, content: bytes) -> None:
        self.world.news.set()
        if wire is not self.wire or not content:
            return
        self.received += 1
        reader = Reader(content)
        kind = reader.uint()
        if kind == 0:
            message = sync.read(reader)
            if message.kind == sync.STEP_1:
                self.send(b"\x00" + sync.step_2(self.doc.get_update(message.content)))
            else:
                self.doc.apply_update(message.content)
                self.synced = self.synced or message.kind == sync.STEP_2
        elif kind == 1:
            for entry in awareness.read(reader.buffer(), 1 << 20):
                self.others.pop(entry.client, None)
                if entry.state is not None:
                    self.others[entry.client] = entry
        else:
            assert (kind, reader.uint()) == (2, 0)
            self.denied.append(reader.string())
        reader.end()
