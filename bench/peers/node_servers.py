"""Servers from npm, as locked in node/, each one process of plain node.

Those of hocuspocus and y-websocket have the document of every board in their memory and store nothing, which is the
default of both; neither checks who may edit. Nor does ShareDB, whose documents are in its memory or in PostgreSQL. ws
holds WebSockets and does nothing else.
"""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.peers.programs import listens
from chat_core.process import children

FOLDER: Final = Path(__file__).parent / "node"
_LOCK: Final = FOLDER / "package-lock.json"
_DONE: Final = FOLDER / "node_modules" / ".package-lock.json"  # npm's own
START_SECONDS = 20
INSTALL = "not installed; it takes node and npm (Debian: apt-get install nodejs npm), and npm's registry once"

# By name: what node is told, and what is in its environment.
Y_WEBSOCKET: Final = "y-websocket's server"
HOCUSPOCUS: Final = "hocuspocus' server"
WS: Final = "ws"
SHAREDB: Final = "ShareDB 7, in memory"
SHAREDB_POSTGRES: Final = "ShareDB 5.2 in PostgreSQL"
_PROGRAMS: Final = {
    Y_WEBSOCKET: ("node_modules/@y/websocket-server/src/server.js",),
    HOCUSPOCUS: ("hocuspocus.mjs",),
    WS: ("--expose-gc", "ws.mjs"),
    SHAREDB: ("sharedb.mjs",),
    SHAREDB_POSTGRES: ("sharedb.mjs",),
}


@dataclass(frozen=True, slots=True)
class NodeServer:
    host: str
    port: int
    pid: int


def present() -> bool:
    """Whether they are installed as the lock file has them."""
    return shutil.which("node") is not None and _DONE.exists() and _DONE.stat().st_mtime >= _LOCK.stat().st_mtime


async def install() -> bool:
    """Where they are not present yet; whether they are now."""
    if not present() and shutil.which("npm") is not None:
        npm = await asyncio.create_subprocess_exec("npm", "ci", "--silent", "--ignore-scripts", cwd=FOLDER)
        if await npm.wait() == 0:
            _DONE.touch()
    return present()


@asynccontextmanager
async def running(name: str, *arguments: str) -> AsyncIterator[NodeServer]:
    """With these arguments after the port."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *("node", *_PROGRAMS[name], str(port), *arguments),
        cwd=FOLDER,
        env={**os.environ, "HOST": "127.0.0.1", "PORT": str(port)},
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=children.die_with_parent(signal.SIGKILL),
    )
    try:
        await listens(port, process, START_SECONDS, "a server of npm's did not start: see what it said above")
        yield NodeServer("127.0.0.1", port, process.pid)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
