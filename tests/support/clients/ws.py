"""A client of the WebSocket: the `websockets` library, and what it has received so far."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from tests.support.clients.listener import Listener, Received

PATH = "/api/ws"


@dataclass(eq=False)
class Socket(Listener):
    """`received` are the frames with a cursor, as a stream has them; `others` those without, in order. `close` is the
    close frame that the server has sent, once it has ended."""

    connection: ClientConnection = None  # type: ignore[assignment]  # set by read
    others: list[dict[str, Any]] = field(default_factory=list)
    close: Close | None = None
    _refs: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def read_frames(self, connection: ClientConnection) -> None:
        """Reads to the end."""
        self.connection = connection
        try:
            async for text in connection:
                assert isinstance(text, str)
                frame = json.loads(text)
                if "cursor" in frame:
                    assert set(frame) == {"type", "cursor", "payload"}
                    await self.take(Received(frame["cursor"], frame["type"], frame["payload"]))
                else:
                    assert {"type", "payload"} <= set(frame) <= {"type", "payload", "ref"}
                    self.others.append(frame)
                    await self.notify()
        except ConnectionClosed:
            pass
        self.close = connection.protocol.close_rcvd
        await self.has_ended()

    async def send(self, kind: str, payload: dict[str, Any], ref: str | int | None = None) -> None:
        frame = {"type": kind, "payload": payload} | ({} if ref is None else {"ref": ref})
        await self.connection.send(json.dumps(frame))

    async def ask(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Sends a frame and returns the one that answers it."""
        ref = next(self._refs)
        await self.send(kind, payload, ref)
        return await self.answer(ref)

    async def answer(self, ref: str | int) -> dict[str, Any]:
        await self.until(lambda _: any(frame.get("ref") == ref for frame in self.others))
        return next(frame for frame in self.others if frame.get("ref") == ref)

    async def other(self, kind: str) -> dict[str, Any]:
        """The first frame without a cursor of a kind."""
        await self.until(lambda _: any(frame["type"] == kind for frame in self.others))
        return next(frame for frame in self.others if frame["type"] == kind)

    async def until_closed(self) -> tuple[int, str]:
        """The code and the reason."""
        await self.until_ended()
        assert self.close is not None, f"cut without a close frame; received: {self.kinds()} {self.others}"
        return self.close.code, self.close.reason


@asynccontextmanager
async def open_socket(
    notify_url: str,
    token: str | None = None,
    *,
    cursor: str | None = None,
    query: str = "",
    origin: str | None = None,
    opened: bool = True,
) -> AsyncIterator[Socket]:
    """A socket, open (its first frame with a cursor is there) when the block begins, unless `opened` is false.
    InvalidStatus if it is refused."""
    socket = Socket()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    where = [*query.removeprefix("?").split("&"), *([f"last_event_id={cursor}"] if cursor else [])]
    url = f"{notify_url.replace('http', 'ws', 1)}{PATH}?{'&'.join(filter(None, where))}"
    async with connect(
        url,
        additional_headers=headers,
        origin=origin,  # type: ignore[arg-type]
        proxy=None,
        max_size=None,
        ping_interval=None,
        close_timeout=5,
    ) as connection:
        assert not connection.protocol.extensions
        reading = asyncio.create_task(socket.read_frames(connection))
        try:
            socket.connection = connection
            if opened:
                await socket.until(lambda s: bool(s.received) or s.ended.is_set())
            yield socket
        finally:
            await connection.close()
            with suppress(asyncio.CancelledError):
                await reading
