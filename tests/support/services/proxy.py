"""TCP proxies between clients and servers of this machine: what they share, and one that can fall silent as a cut cable
does, or eat an answer."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Between(ABC):
    """Listens at `127.0.0.1:port`, and serves each connection there with one of its own to a server."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @abstractmethod
    async def connect(self) -> Streams: ...

    @abstractmethod
    def ways(self, client: Streams, server: Streams) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
        """There and back, until both have ended or one of them raises OSError."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """All connections that there are."""
        for task in list(self._tasks):
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        ends = [writer]
        # A task group wraps what its tasks raise; cancelling is how a connection is cut.
        with suppress(OSError, asyncio.CancelledError, BaseExceptionGroup):
            server = await self.connect()
            ends.append(server[1])
            async with asyncio.TaskGroup() as group:
                for way in self.ways((reader, writer), server):
                    group.create_task(way)
        self._tasks.discard(task)
        for end in ends:
            end.transport.abort()
            with suppress(OSError):
                await end.wait_closed()


async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Whatever comes; its end ends the other way, too."""
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    raise ConnectionResetError


class Proxy(Between):
    """Forwards `127.0.0.1:port` to a unix socket, or to another port of this machine. `silence` keeps every connection
    open and passes nothing on; `eat` passes a request on, and no answer to it."""

    def __init__(self, target: str | int) -> None:
        super().__init__()
        self._target = target
        self._passing = asyncio.Event()
        self._passing.set()
        self._eaten: bytes | None = None

    def silence(self) -> None:
        """From now on no byte passes, on old connections and on new ones, and nobody is told."""
        self._passing.clear()

    def eat(self, mark: bytes) -> None:
        """Nothing comes back any more over the connection over which a client sends this."""
        self._eaten = mark

    def heal(self) -> None:
        """New connections pass again; what was silenced stays so, as after a change of route."""
        self.cut()
        self._passing.set()

    async def connect(self) -> Streams:
        if isinstance(self._target, int):
            return await asyncio.open_connection("127.0.0.1", self._target)
        return await asyncio.open_unix_connection(self._target)

    def ways(self, client: Streams, server: Streams) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
        answering = asyncio.Event()
        answering.set()
        return (
            self._pump(client[0], server[1], answering),
            self._pump(server[0], client[1], answering, back=True),
        )

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, answering: asyncio.Event, *, back: bool = False
    ) -> None:
        while data := await source.read(65536):
            await self._passing.wait()
            if back:
                await answering.wait()
            elif self._eaten is not None and self._eaten in data:
                answering.clear()
                self._eaten = None
            sink.write(data)
            await sink.drain()
        sink.close()
