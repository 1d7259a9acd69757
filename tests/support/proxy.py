"""A TCP proxy between a client and a server on this machine, which can fall silent as a cut cable does, or eat an
answer."""

import asyncio
from contextlib import suppress


class Proxy:
    """Forwards `127.0.0.1:port` to a unix socket, or to another port of this machine. `silence` keeps every connection
    open and passes nothing on; `eat` passes a request on, and no answer to it."""

    def __init__(self, target: str | int) -> None:
        self._target = target
        self._passing = asyncio.Event()
        self._passing.set()
        self._eaten: bytes | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def silence(self) -> None:
        """From now on no byte passes, on old connections and on new ones, and nobody is told."""
        self._passing.clear()

    def eat(self, mark: bytes) -> None:
        """Nothing comes back any more over the connection over which a client sends this."""
        self._eaten = mark

    def heal(self) -> None:
        """New connections pass again; what was silenced stays so, as after a change of route."""
        for task in list(self._tasks):
            task.cancel()
        self._passing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        ends = [writer]
        # A task group wraps what its tasks raise; cancelling is how the proxy cuts and ends.
        with suppress(OSError, asyncio.CancelledError, BaseExceptionGroup):
            if isinstance(self._target, int):
                there, back = await asyncio.open_connection("127.0.0.1", self._target)
            else:
                there, back = await asyncio.open_unix_connection(self._target)
            ends.append(back)
            async with asyncio.TaskGroup() as group:
                answering = asyncio.Event()
                answering.set()
                group.create_task(self._pump(reader, back, answering))
                group.create_task(self._pump(there, writer, answering, back=True))
        self._tasks.discard(task)
        for end in ends:
            end.transport.abort()
            with suppress(OSError):
                await end.wait_closed()

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
