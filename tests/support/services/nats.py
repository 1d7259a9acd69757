"""A real nats-server on a port of its own."""

import asyncio
import os
import re
import signal
import subprocess
import sysconfig
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chat_core.process.children import die_with_parent
from tests.support.servers import free_port
from tests.support.services.proxy import Between, Streams, pass_on

START_SECONDS = 20
# Pieces of a connection that are under way, of up to 64 KiB each.
MOST_HELD = 1000


class NatsServer:
    """`jetstream` is a folder for streams. The server may be killed, frozen and started again on its port."""

    def __init__(self, jetstream: Path | None = None, arguments: Sequence[str] = ()) -> None:
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._arguments = [*(["-js", "-sd", str(jetstream)] if jetstream else []), *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Returns once it takes connections."""
        command = [_binary(), "-a", "127.0.0.1", "-p", str(self.port), *self._arguments]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    assert (await reader.readline()).startswith(b"INFO "), "it is a nats-server"
                    writer.close()
                    return
                except OSError:
                    assert self._process.poll() is None, "nats-server has ended"
                    await asyncio.sleep(0.02)

    def freeze(self) -> None:
        """It keeps its connections, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        if self._process is not None:
            self._signal(signal.SIGKILL)
            await asyncio.to_thread(self._process.wait)
            self._process = None

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


@asynccontextmanager
async def nats_server(jetstream: Path | None = None, arguments: Sequence[str] = ()) -> AsyncIterator[NatsServer]:
    server = NatsServer(jetstream, arguments)
    try:
        await server.start()
        yield server
    finally:
        await server.kill()


class LossyNats(Between):
    """A proxy before a nats-server: of the messages that it delivers, each tenth is dropped, and each tenth doubled."""

    def __init__(self, target: NatsServer) -> None:
        super().__init__()
        self._target = target
        self._passed = 0
        self.dropped = self.doubled = 0

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    async def connect(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self._target.port, limit=1 << 22)

    def ways(self, client: Streams, server: Streams) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
        return pass_on(client[0], server[1]), self._deliver(server[0], client[1])

    def copies(self, message: bytes) -> int:
        """How often it is passed on."""
        return {3: 0, 7: 2}.get(self._passed % 10, 1)

    async def _deliver(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while line := await source.readline():
            if not line.startswith(b"MSG "):
                if line.startswith(b"INFO "):  # the addresses of the cluster, which lead past this proxy
                    line = re.sub(rb'"connect_urls":\[[^]]*\],?', b"", line)
                sink.write(line)
            else:
                message = line + await source.readexactly(int(line.split()[-1]) + 2)
                self._passed += 1
                copies = self.copies(message)
                self.dropped += copies == 0
                self.doubled += copies == 2
                sink.write(message * copies)
            await sink.drain()
        raise ConnectionResetError


class SlowNats(LossyNats):
    """Loses nothing: whatever passes does so `seconds` later, each way."""

    seconds = 0.0

    def ways(self, client: Streams, server: Streams) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
        return self._late(client[0], server[1]), self._late(server[0], client[1])

    async def _late(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        now = asyncio.get_running_loop().time
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(MOST_HELD)

        async def deliver() -> None:
            while True:
                due, data = await held.get()
                await asyncio.sleep(max(0.0, due - now()))
                sink.write(data)
                await sink.drain()

        async with asyncio.TaskGroup() as group:
            group.create_task(deliver())
            while data := await source.read(65536):
                await held.put((now() + self.seconds, data))
            raise ConnectionResetError


def _binary() -> str:
    return str(Path(sysconfig.get_path("scripts")) / "nats-server")
