"""nginx with nchan, one worker, as its README configures an EventSource channel and a publisher.

It keeps messages in memory and nothing else: no access check, no membership, no durability, no order with anything
that is written elsewhere. One channel, to which everybody subscribes; its buffer is longer than what is published.
"""

import asyncio
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from bench.figures.result import BenchError
from chat_core.process import children

NAME = "nginx with nchan"
INSTALL = "not installed; Debian: apt-get install nginx-light libnginx-mod-nchan"
MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
START_SECONDS = 10
# Requests that have been sent and not been answered; enough for the worker never to wait for us.
PIPELINED = 200

_CONFIG = """
load_module {module};
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    keepalive_requests 1000000000;
    keepalive_timeout 1d;
    nchan_shared_memory_size 512M;
    nchan_message_buffer_length 100000;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /publish {{ nchan_publisher; nchan_channel_id room; }}
        location = /events {{ nchan_subscriber eventsource; nchan_channel_id room; }}
    }}
}}
"""


def installed() -> bool:
    return MODULE.exists() and _nginx() is not None


def _nginx() -> str | None:
    return shutil.which("nginx", path="/usr/sbin:/usr/local/sbin") or shutil.which("nginx")


class Publisher(asyncio.Protocol):
    """POSTs over one kept-alive connection, many before the first answer (RFC 9112, 9.3.2)."""

    _ANSWER = b"HTTP/1.1 20"

    def __init__(self) -> None:
        self._unanswered = 0
        self._tail = b""
        self._answered = asyncio.Event()
        self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        seen = self._tail + data
        self._unanswered -= seen.count(self._ANSWER)
        self._tail = seen[1 - len(self._ANSWER) :]
        self._answered.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._answered.set()

    async def publish(self, payloads: Sequence[bytes]) -> None:
        """Returns once each has been taken. BenchError if nginx closes the connection."""
        for start in range(0, len(payloads), PIPELINED // 2):
            some = payloads[start : start + PIPELINED // 2]
            self._transport.write(b"".join(map(_post, some)))
            self._unanswered += len(some)
            await self._until(PIPELINED // 2)
        await self._until(0)

    async def _until(self, unanswered: int) -> None:
        while self._unanswered > unanswered:
            if self._lost:
                raise BenchError("nginx closed the publisher's connection")
            self._answered.clear()
            await self._answered.wait()

    def close(self) -> None:
        self._transport.close()


def _post(payload: bytes) -> bytes:
    return (
        b"POST /publish HTTP/1.1\r\nHost: bench\r\nX-EventSource-Event: NewMessage\r\nContent-Length: %d\r\n\r\n%b"
    ) % (len(payload), payload)


class Nchan:
    """`pid` is nginx's master, whose one child does the work."""

    def __init__(self, url: str, pid: int, publisher: Publisher) -> None:
        self.events = f"{url}/events"
        self.pid = pid
        self.publish = publisher.publish


@asynccontextmanager
async def running() -> AsyncIterator[Nchan]:
    nginx = _nginx()
    assert nginx is not None
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="fechatter-bench-nchan-") as temporary:
        folder = Path(temporary)
        (folder / "nginx.conf").write_text(_CONFIG.format(module=MODULE, folder=folder, port=port))
        process = await asyncio.create_subprocess_exec(
            *(nginx, "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"),
            start_new_session=True,
            preexec_fn=children.die_with_parent(signal.SIGTERM),
        )
        try:
            publisher = await _connect(port, process)
            try:
                yield Nchan(f"http://127.0.0.1:{port}", process.pid, publisher)
            finally:
                publisher.close()
        finally:
            await children.end(process.pid, (signal.SIGTERM, 10))
            await process.wait()


async def _connect(port: int, process: asyncio.subprocess.Process) -> Publisher:
    async with asyncio.timeout(START_SECONDS):
        while process.returncode is None:
            try:
                return (await asyncio.get_running_loop().create_connection(Publisher, "127.0.0.1", port))[1]
            except OSError:
                await asyncio.sleep(0.02)
    raise BenchError("nginx did not start: see what it said above")
