"""Servers' pages on one database, in this process, and clients that keep what a page's socket tells them."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.frames import Close, Frame, Opcode

from chat_core.database.pool import open_pool
from chat_core.database.readiness import Readiness
from chat_core.documents.patches.canonical import checksum
from chat_core.documents.patches.patch import apply
from chat_core.settings import Database, Notify, Pages, Settings
from chat_core.tokens import Claims
from notify_server.documents import shared_presence
from notify_server.documents.access import Refused
from notify_server.documents.context import Context
from notify_server.documents.pages.rooms import CHANNEL, PageRooms
from notify_server.documents.pages.socket import PageSocket, PagesSocket
from notify_server.fan_out.hub import Hub
from notify_server.fan_out.listener import Listener
from notify_server.fan_out.ring import Ring
from notify_server.presence.registry import Registry
from notify_server.websocket.strangers import Strangers
from tests.notify_server.documents.world import Wire, World

_numbers = itertools.count(1)


@asynccontextmanager
async def running_pages(url: str, *, hears: bool = True, **pages: Any) -> AsyncIterator[PageRooms]:
    """A server's pages, which follow the log. Unless it `hears`, notifications of others' patches are lost."""
    settings = Settings(
        database=Database(url=url),  # type: ignore[arg-type]
        pages=Pages(**pages),
        notify=Notify(poll_seconds=600),
    )
    pool = await open_pool(settings.database, "test pages")
    hub = Hub(Ring(0))
    registry = Registry(hub, settings.notify)
    rooms = PageRooms(Context(settings, pool, registry, Readiness(pool), Strangers()), lambda: hub.epoch)
    hub.followers += [rooms.access, rooms]
    heard = {CHANNEL: rooms.hear if hears else lambda _: None, shared_presence.CHANNEL: rooms.presence.hear}
    listener = Listener(settings, hub, heard, lambda _: None)
    await listener.start()
    presence = rooms.presence
    running = listener.run(), rooms.read_others(), registry.run(pool), presence.tell(), presence.listen()
    tasks = [asyncio.create_task(task) for task in running]
    try:
        yield rooms
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await presence.last_word()
        await rooms.close(5)
        pool.terminate()


async def new_page(world: World, *people: Claims, role: str = "editor", content: Any = None) -> int:
    """The first is the owner. `content` is any JSON: the schema is `free` then."""
    page: int = await world.sql.fetchval(
        "SELECT create_page($1, $2, 'page', $3, $4, false)::json ->> 'id'",
        people[0].user_id,
        await _workspace(world, *people),
        "page" if content is None else "free",
        None if content is None else json.dumps(content),
    )
    for person in people[1:]:
        await world.sql.execute(
            "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, $3)",
            int(page),
            person.user_id,
            role,
        )
    return int(page)


async def _workspace(world: World, *people: Claims) -> int:
    async with world.sql.transaction():
        workspace: int = await world.sql.fetchval("INSERT INTO workspaces (name) VALUES ('w') RETURNING id")
        for person in people:
            await world.sql.execute(
                "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, $3)",
                workspace,
                person.user_id,
                "owner" if person is people[0] else "member",
            )
    return workspace


class TextWire(Wire):
    """The connection of a client that reads text."""

    def write(self, data: Any) -> None:
        self._parser.receive_data(bytes(data))
        for frame in self._parser.events_received():
            assert isinstance(frame, Frame)
            if frame.opcode is Opcode.TEXT:
                self._received(bytes(frame.data))
            elif frame.opcode is Opcode.CLOSE:
                self.close_code = Close.parse(bytes(frame.data)).code
                self._received(b"")

    def writelines(self, pieces: Any) -> None:
        self.write(b"".join(pieces))


class Client:
    """`content` at `version`: what it was told, each patch after the one before. `heard` are all messages since it has
    connected, `kept` those of its patches that it was told nothing of."""

    def __init__(self, world: World, claims: Claims, page: int) -> None:
        self.world, self.claims, self.page = world, claims, page
        self.content: Any = None
        self.version = 0
        self.client_id = ""
        self.kept: dict[str, Any] = {}
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.history: list[tuple[int, str]] = []
        self.wire: TextWire
        self.socket: PageSocket | PagesSocket | None = None

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [payload for heard, payload in self.heard if heard == kind]

    @property
    def codes(self) -> list[str]:
        return [error["code"] for error in self.of("error")]

    async def connect(self, rooms: PageRooms, *, pending: Any = (), many: bool = False) -> "Client":
        self.heard = []
        wire = self.wire = TextWire(lambda content: self._receive(wire, content))
        kind = PagesSocket if many else PageSocket
        socket = self.socket = kind(next(_numbers), "", wire, rooms)
        wire.reader = socket
        socket.begin(b"")
        socket.go_live()
        if isinstance(socket, PagesSocket):
            socket.meet(self.claims, lambda _: self.claims, 1, rooms.strangers)
            self.send("join", page_id=self.page, pending=list(pending))
            return self
        socket.identify(self.claims)
        try:
            rooms.add(socket)
            peer = await rooms.enter(socket, self.claims, self.page, socket.places)
        except Refused as refused:
            socket.refuse(refused.reason, refused.problem)
        else:
            socket.take_place(peer)
        return self

    async def opened(self, rooms: PageRooms, *, pending: Any = (), many: bool = False) -> "Client":
        await self.connect(rooms, pending=pending, many=many)
        await self.world.until(lambda: self.of("sync"), "sync")
        return self

    def drop(self) -> None:
        """The connection is lost."""
        if self.socket is not None:
            self.socket.connection_lost(None)
            self.socket = None

    def send(self, kind: str, **payload: Any) -> None:
        self.send_raw(json.dumps({"type": kind, "payload": payload}).encode())

    def send_raw(self, content: bytes) -> None:
        if self.socket is not None and not self.socket.reason:
            self.wire.receive(Frame(Opcode.TEXT, content).serialize(mask=True))

    def patch(self, *patch: Any, base: int | None = None, op_id: str | None = None, **about: Any) -> str:
        """Sends a patch, and returns its id."""
        op_id = op_id or f"op{next(_numbers)}"
        self.kept[op_id] = list(patch)
        page = {"page_id": self.page} if isinstance(self.socket, PagesSocket) else {}
        version = self.version if base is None else base
        self.send("op-patch", id=op_id, version=version, patches=list(patch), **about, **page)
        return op_id

    def set(self, path: str, value: Any, **about: Any) -> str:
        return self.patch({"op": "add", "path": path, "value": value}, **about)

    def _receive(self, wire: TextWire, content: bytes) -> None:
        self.world.news.set()
        if wire is not self.wire or not content:
            return
        message = json.loads(content)
        kind, payload = message["type"], message["payload"]
        self.heard.append((kind, payload))
        match kind:
            case "sync":
                assert payload["version"] >= self.version
                self.content = payload["schema" if "schema" in payload else "content"]
                self.version, self.client_id = payload["version"], payload["client_id"]
                assert checksum(self.content) == payload["checksum"]
                self.kept = {op: patch for op, patch in self.kept.items() if op not in _committed(payload)}
            case "op-ack":
                patch = self.kept.pop(payload["id"], None)
                if payload["version"] > self.version and patch is not None:
                    self._apply(payload, patch)
            case "op-patch":
                self._apply(payload, payload["patches"])
                self.kept.pop(payload["id"], None)
            case "error" if payload.get("id"):
                self.kept.pop(payload["id"], None)

    def _apply(self, payload: dict[str, Any], patch: Any) -> None:
        assert payload["version"] == self.version + 1, (payload, self.version)
        self.content, self.version = apply(self.content, patch).document, payload["version"]
        self.history.append((self.version, payload["id"]))
        if "checksum" in payload:
            assert checksum(self.content) == payload["checksum"]


def _committed(sync: dict[str, Any]) -> set[str]:
    return {op for op, fate in sync["pending"].items() if fate["status"] == "committed"}
