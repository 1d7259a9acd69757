"""People who edit a page over one node after the other, and remember what they have been told: what the oracle of
truth.py compares with the table."""

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from chat_core.documents.patches.history import settle
from tests.end_to_end.system import Json, Person
from tests.support.servers import ServerProcess

PATIENCE_SECONDS = 60


@dataclass
class Op:
    """As it is sent, each time alike. `after` is the newest op of the same editor that was not answered then."""

    id: str
    base: int
    patch: list[Json]
    after: str | None = None


@dataclass
class Told:
    """What an editor has been told: versions with their op and patch in the order in which they came, from the newest
    sync on; what became of its ops; and what no server may tell."""

    begun: int = 0
    heard: list[tuple[int, str, list[Json]]] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class PageEditor:
    """Somebody's copy of a page, and a connection while a server lets them have one. `others` are the kinds of the
    messages that are about neither the content nor a patch."""

    def __init__(self, name: str, person: Person, page: int) -> None:
        self.name, self.person, self.page = name, person, page
        self.version = 0
        self.content: Any = None
        self.made: dict[str, Op] = {}
        self.pending: list[str] = []
        self.told = Told()
        self.errors: list[Json] = []
        self.others: list[str] = []
        self.connections = 0
        self.news = asyncio.Condition()
        self._sending = asyncio.Lock()
        self._owed: set[str] = set()
        self._socket: ClientConnection | None = None
        self._in = False
        self._staying: asyncio.Task[None] | None = None
        self._numbers = itertools.count()

    # -- coming and going

    async def join(self, server: ServerProcess) -> None:
        """Returns once the sync has come; the pending ops are sent again."""
        self._staying = asyncio.create_task(self._stay(server))
        assert await self.until(lambda: self._in), f"{self.name} has got no sync"

    async def leave(self) -> None:
        """Without a word, as when a cable is cut."""
        if self._socket is not None:
            self._socket.transport.abort()
        if self._staying is not None:
            await self._staying
            self._staying = None

    async def stay(self, servers: list[ServerProcess], may_come: asyncio.Event) -> None:
        """Until cancelled, over one server after the other."""
        for server in itertools.cycle(servers):
            await may_come.wait()
            await self._stay(server)
            await asyncio.sleep(0.02)

    async def _stay(self, server: ServerProcess) -> None:
        url = server.url.replace("http", "ws", 1) + "/api/pages/ws"
        header = {"Authorization": f"Bearer {self.person.token}"}
        with suppress(OSError, WebSocketException, TimeoutError):
            async with connect(url, additional_headers=header, max_size=None, proxy=None) as socket:
                self._socket = socket
                self.connections += 1
                pending = [{"id": op, "version": self.made[op].base} for op in self.pending]
                await self._say("join", version=self.version or None, pending=pending)
                async for text in socket:
                    message = json.loads(text)
                    await self._hear(message["type"], message.get("payload", {}))
        self._socket, self._in = None, False
        self._owed.clear()
        await self.tell()

    # -- editing

    def make(self, patch: list[Json], op_id: str | None = None) -> Op:
        """It is not sent yet."""
        after = self.pending[-1] if self.pending else None
        op = Op(op_id or f"{self.name}.{next(self._numbers)}", self.version, patch, after)
        self.made[op.id] = op
        self.pending.append(op.id)
        return op

    async def send(self) -> None:
        """All that is pending and has not been sent over this connection, in order."""
        async with self._sending:
            for op in [self.made[op] for op in self.pending if op not in self._owed]:
                if self._in and op.id in self.pending:
                    self._owed.add(op.id)
                    after = {} if op.after is None else {"after": op.after}
                    await self._say("op-patch", id=op.id, version=op.base, patches=op.patch, **after)

    async def edit(self, patch: list[Json], op_id: str | None = None) -> Op:
        """Connected or not."""
        op = self.make(patch, op_id)
        await self.send()
        return op

    async def point(self, x: float, y: float) -> None:
        """With the cursor, which nobody stores."""
        await self._say("cursor-move", x=x, y=y)

    async def until(self, holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> bool:
        """False if it does not come about."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self.news:
                await self.news.wait_for(holds)
                return True
        return False

    async def settled(self) -> bool:
        return await self.until(lambda: not self.pending)

    # -- what comes

    async def _hear(self, kind: str, payload: Json) -> None:
        if kind == "sync":
            self._synced(payload)
            await self.tell()
            await self.send()
            return
        if kind == "op-patch":
            self._apply(payload["version"], payload["id"], payload["patches"])
        elif kind == "op-ack":
            self._acknowledged(payload["id"], payload["version"])
        elif kind == "error":
            self.errors.append(payload)
            if payload.get("id") in self.pending:
                self._refused(payload["id"], payload["code"])
        else:
            self.others.append(kind)
        await self.tell()

    def _synced(self, payload: Json) -> None:
        if payload["version"] < self.version:
            self.told.faults.append(f"back from version {self.version} to {payload['version']}")
        self.version, self.content, self._in = payload["version"], payload["content"], True
        self.told.begun, self.told.heard = self.version, []
        for op, answer in (payload.get("pending") or {}).items():
            if answer["status"] == "committed":
                self.told.acknowledged[op] = answer["version"]
                if op in self.pending:
                    self.pending.remove(op)
            elif answer["status"] == "refused":
                self.told.refused[op] = "refused"
                self.pending.remove(op)

    def _apply(self, version: int, op: str, patch: list[Json]) -> None:
        if not self._in or version != self.version + 1:
            self.told.faults.append(
                f"version {version} of {op} at version {self.version}, {'in' if self._in else 'out'}"
            )
            return
        self.content = settle(self.content, json.dumps(patch)).applied.document
        self.version = version
        self.told.heard.append((version, op, patch))
        if op in self.pending:  # another connection's, which was stored after this one had asked
            self.told.acknowledged[op] = version
            self.pending.remove(op)

    def _acknowledged(self, op: str, version: int) -> None:
        self._answered(op)
        self.told.acknowledged[op] = version
        if version > self.version:
            self._apply(version, op, self.made[op].patch)
        if op in self.pending:
            self.pending.remove(op)

    def _refused(self, op: str, code: str) -> None:
        self._answered(op)
        self.told.refused[op] = code
        self.pending.remove(op)

    def _answered(self, op: str) -> None:
        if op not in self._owed:
            self.told.faults.append(f"an answer about {op} that is not owed")
        self._owed.discard(op)

    async def _say(self, kind: str, **payload: object) -> None:
        if self._socket is not None:
            with suppress(WebSocketException):
                await self._socket.send(json.dumps({"type": kind, "payload": {"page_id": self.page, **payload}}))

    async def tell(self) -> None:
        async with self.news:
            self.news.notify_all()
