"""People who edit a board in the protocols that acknowledge, byte by byte: it is known which edit each acknowledgement
is about. They come over one server after the other."""

import asyncio
import itertools
import json
import random
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from pycrdt import Doc, Text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from chat_core.documents import lib0
from chat_core.documents.lib0 import Reader
from notify_server.documents.yjs import sync
from tests.end_to_end.system import Person
from tests.support.servers import ServerProcess

# Edits of one client that may wait for their acknowledgement.
MOST_WAITING = 8
PATIENCE_SECONDS = 60


class Editor:
    """Somebody's document, and a connection to one of the servers while they let it. `made` are its edits, `waiting`
    what each message was about that has not been answered yet."""

    path: ClassVar[str]

    def __init__(self, name: str, person: Person, board: int, url: Callable[[ServerProcess], str]) -> None:
        self.name, self.person, self.board, self._url = name, person, board, url
        self.doc = Doc[Any]()
        self.made: list[str] = []
        self.acknowledged: set[str] = set()
        self.waiting: dict[int, list[str]] = {}
        self.connections = 0
        self.news = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._refs = itertools.count(1)

    @property
    def text(self) -> str:
        return str(self.doc.get("text", type=Text))

    async def stay(self, servers: list[ServerProcess], may_come: asyncio.Event) -> None:
        """Until cancelled, over one server after the other."""
        for server in itertools.cycle(servers):
            await may_come.wait()
            with suppress(OSError, WebSocketException, TimeoutError):
                header = {"Authorization": f"Bearer {self.person.token}"}
                async with connect(self._url(server), additional_headers=header, max_size=None, proxy=None) as socket:
                    self.connections += 1
                    await self._listen(socket)
            self._socket = None
            self.waiting.clear()
            await self.tell()
            await asyncio.sleep(0.02)

    async def leave(self) -> None:
        """The connection is lost; it comes back over the other server."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def edit(self) -> None:
        """Connected or not."""
        edit = f"<{self.name}.{len(self.made)}>"
        before = self.doc.get_state()
        self.doc.get("text", type=Text).insert(0, edit)
        self.made.append(edit)
        if self._socket is not None:
            with suppress(WebSocketException):
                await self._say(sync.update(self.doc.get_update(before)), [edit])

    async def edit_on(self, stop: asyncio.Event) -> None:
        """Now and then until told to stop, never far ahead of what is acknowledged."""
        while not stop.is_set():
            async with self.news:
                await self.news.wait_for(lambda: len(self.waiting) < MOST_WAITING or stop.is_set())
            await self.edit()
            await asyncio.sleep(random.uniform(0, 0.05) if self._socket is not None else 0.1)

    async def until(self, holds: Callable[[], object]) -> bool:
        """False if it does not come about."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS), self.news:
                await self.news.wait_for(holds)
                return True
        return False

    async def _listen(self, socket: ClientConnection) -> None:
        await self._begin(socket)
        async for frame in socket:
            message = self._read(frame)
            if message is None:
                self._socket = socket
                await self._say(sync.step_1(self.doc.get_state()))
            elif message.kind == sync.STEP_1:
                await self._say(sync.step_2(self.doc.get_update(message.content)), list(self.made))
            else:
                self.doc.apply_update(message.content)
            await self.tell()

    async def tell(self) -> None:
        async with self.news:
            self.news.notify_all()

    async def _say(self, message: bytes, about: list[str] | None = None) -> None:
        ref = next(self._refs)
        if about is not None:
            self.waiting[ref] = about
        if self._socket is not None:
            await self._socket.send(self._frame(message, ref))

    # -- what differs by protocol

    async def _begin(self, socket: ClientConnection) -> None:
        """What is said first."""

    def _frame(self, message: bytes, ref: int) -> str | bytes:
        raise NotImplementedError

    def _read(self, frame: str | bytes) -> sync.Message | None:
        """None for the word that the board is open; an empty update for what is of no account. Takes note of
        acknowledgements."""
        raise NotImplementedError


NOTHING = sync.Message(sync.UPDATE, b"\x00\x00")


class JsonEditor(Editor):
    """Each acknowledgement names its message."""

    path = "json"

    def _frame(self, message: bytes, ref: int) -> str:
        return json.dumps({"type": "yjs:sync", "data": b64encode(message).decode(), "ref": ref})

    def _read(self, frame: str | bytes) -> sync.Message | None:
        message = json.loads(frame)
        if message["type"] == "ready":
            return None
        if message["type"] == "yjs:ack":
            self.acknowledged.update(self.waiting.pop(message["ref"], ()))
        if message["type"] == "yjs:sync":
            return sync.read(Reader(b64decode(message["data"])))
        assert message["type"] != "error" or message["status"] >= 500, message
        return NOTHING


class HocuspocusEditor(Editor):
    """Acknowledgements are counted: with as many as there were messages, all of these are."""

    path = "hocuspocus"

    def __init__(self, name: str, person: Person, board: int, url: Callable[[ServerProcess], str]) -> None:
        super().__init__(name, person, board, url)
        self._document = lib0.string(str(board))
        self._answers = 0

    async def _begin(self, socket: ClientConnection) -> None:
        self._answers = 0
        await socket.send(self._document + b"\x02\x00\x00")

    def _frame(self, message: bytes, ref: int) -> bytes:
        return self._document + b"\x00" + message

    def _read(self, frame: str | bytes) -> sync.Message | None:
        assert isinstance(frame, bytes)
        reader = Reader(frame)
        assert reader.string() == str(self.board)
        kind = reader.uint()
        if kind == 2:
            return None
        if kind == 8:
            assert reader.uint() == 1, "refused"
            self._answers += 1
            if self._answers == len(self.waiting):
                self.acknowledged.update(*self.waiting.values())
                self.waiting.clear()
                self._answers = 0
        return sync.read(reader) if kind == 0 else NOTHING
