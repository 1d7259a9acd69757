"""Fechatter as a user runs it: `fechatter up` on a fresh data directory, its embedded PostgreSQL with fsync on."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import psutil

from bench.code import OURS, Code, codes
from bench.figures.result import BenchError
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from chat_core.process import children
from chat_core.tokens import Signer

READY_SECONDS = 60
STOP_SECONDS = 40
TOKEN_SECONDS = 6 * 3600
# Rate limits, and the one on connections of an address, count as always, and are never reached.
UNREACHED = [("limits", name) for name in ("read", "write", "messages", "public")] + [("connections", "per_address")]


@dataclass(frozen=True, slots=True)
class System:
    """A running Fechatter. `chat` and `notify` are the servers' URLs, `sql` is a superuser's connection.

    `chat_pid`, `notify_pid` and `postgres_pid` are for Meter, and `pid` is for all of them: a server's workers are its
    children, and the servers are those of `fechatter up`.
    """

    code: Code
    folder: Path
    chat: str
    notify: str
    pid: int
    chat_pid: int
    notify_pid: int
    postgres_pid: int
    postgres: EmbeddedPostgres
    sql: Connection

    @property
    def private_key(self) -> Path:
        return self.folder / "data" / "keys" / "private.pem"

    @property
    def signer(self) -> Signer:
        """Signs as chat_server does, tokens that outlive a benchmark."""
        return Signer(self.private_key, "fechatter", TOKEN_SECONDS)

    def url(self, role: str | None = None, database: str = "fechatter") -> str:
        """Of the database: for its owner, or for fechatter_chat or fechatter_notify."""
        return self.postgres.dsn(database, role) if role else self.postgres.dsn(database)

    async def connect(self, role: str | None = None, database: str = "fechatter") -> Connection:
        """One more connection; its user closes it."""
        connection: Connection = await asyncpg.connect(self.url(role, database))
        return connection


_shared: ContextVar[Mapping[Code, tuple[System, Mapping[str, str]]]] = ContextVar("_shared")


@asynccontextmanager
async def shared(**settings: str) -> AsyncIterator[None]:
    """Within this, `running()` is the same Fechatter each time, unless other settings than these are asked for; so is
    the code before. It is for a run whose figures mean nothing, since each benchmark finds what the others have
    left."""
    async with AsyncExitStack() as stack:
        systems = {code: await stack.enter_async_context(running(code, **settings)) for code in codes()}
        token = _shared.set({code: (fechatter, settings) for code, fechatter in systems.items()})
        try:
            yield
        finally:
            _shared.reset(token)


def is_shared() -> bool:
    return _shared.get(None) is not None


@asynccontextmanager
async def running(code: Code = OURS, /, **settings: str) -> AsyncIterator[System]:
    """`fechatter up` of this code with settings such as FECHATTER_NOTIFY__WORKERS="2". Everything is gone at the end.

    What it says goes to `up.log` in its folder, the end of which is shown if it does not start.
    """
    shared = _shared.get({}).get(code)
    if shared is not None and settings.items() <= shared[1].items():
        yield shared[0]
        return
    folder = Path(tempfile.mkdtemp(prefix="fechatter-bench-"))
    folder.chmod(0o711)  # as root, Postgres runs as another user, who must be able to enter
    try:
        async with up(folder, settings, code) as (pid, chat, notify):
            postgres = EmbeddedPostgres(folder / "data")
            sql: Connection = await asyncpg.connect(postgres.dsn("fechatter"))
            try:
                yield System(
                    code,
                    folder,
                    chat,
                    notify,
                    pid,
                    child(pid, "chat-server"),
                    child(pid, "notify-server"),
                    child(pid, str(postgres.cluster)),
                    postgres,
                    sql,
                )
            finally:
                await sql.close()
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def up(folder: Path, settings: Mapping[str, str], code: Code = OURS) -> AsyncIterator[tuple[int, str, str]]:
    """`fechatter up` with its data in a folder: its process id, chat_server's URL and notify_server's. It has ended at
    the end, and its data stay."""
    process = _up(folder, settings, code)
    try:
        chat, notify = await _ready(process, folder)
        yield process.pid, chat, notify
    finally:
        await children.end(process.pid, (signal.SIGTERM, STOP_SECONDS))
        process.wait()


@asynccontextmanager
async def chat_server(
    fechatter: System,
    *,
    module: str = "fechatter",
    arguments: Sequence[str] = (),
    database: str = "fechatter",
    **more: str,
) -> AsyncIterator[tuple[str, int]]:
    """One more chat_server next to a Fechatter, of its code, as `python -m module arguments`, with further settings:
    its address and process id.

    Its output goes to a log in the Fechatter's directory.
    """
    port = _free_port()
    settings = {
        "FECHATTER_DATABASE__URL": fechatter.url("fechatter_chat", database),
        "FECHATTER_AUTH__PRIVATE_KEY": str(fechatter.private_key),
        "FECHATTER_SERVER__PORT": str(port),
        **more,
    }
    async with _beside(fechatter, module, arguments, port, settings) as server:
        yield server


@asynccontextmanager
async def notify_server(fechatter: System, **more: str) -> AsyncIterator[tuple[str, int]]:
    """One more notify_server likewise, with further settings."""
    port = _free_port()
    settings = {
        "FECHATTER_DATABASE__URL": fechatter.url("fechatter_notify"),
        "FECHATTER_AUTH__PUBLIC_KEY": str(fechatter.private_key.with_name("public.pem")),
        "FECHATTER_NOTIFY__PORT": str(port),
        **more,
    }
    async with _beside(fechatter, "fechatter", ["notify-server"], port, settings) as server:
        yield server


@asynccontextmanager
async def delivery_server(fechatter: System, more: Mapping[str, str]) -> AsyncIterator[int]:
    """A delivery_server with these settings: its process id."""
    port = _free_port()
    settings = {
        "FECHATTER_DATABASE__URL": fechatter.url("fechatter_delivery"),
        "FECHATTER_DELIVERY__PORT": str(port),
        **more,
    }
    async with _beside(fechatter, "fechatter", ["delivery-server"], port, settings) as (_, pid):
        yield pid


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@asynccontextmanager
async def _beside(
    fechatter: System, module: str, arguments: Sequence[str], port: int, settings: Mapping[str, str]
) -> AsyncIterator[tuple[str, int]]:
    log = fechatter.folder / f"{module}.{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [fechatter.code.python, "-m", module, *arguments],
            cwd=fechatter.code.folder,
            env=environment(fechatter.code, **settings),
            stdin=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
            preexec_fn=children.die_with_parent(signal.SIGKILL),
        )
    try:
        url = f"http://127.0.0.1:{port}"
        if not await _answers(url, process):
            raise BenchError(f"{module} did not start:\n" + "\n".join(log.read_text().splitlines()[-20:]))
        yield url, process.pid
    finally:
        await children.end(process.pid, (signal.SIGTERM, STOP_SECONDS))
        process.wait()


async def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether it is ready before it ends, and before READY_SECONDS are over."""
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(trust_env=False) as client:
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(f"{url}/health/ready")).status_code == httpx.codes.OK:
                    return True
            await asyncio.sleep(0.05)
    return False


def environment(code: Code, **settings: str) -> dict[str, str]:
    """Our environment, without Fechatter's or Postgres' configuration, with limits that are never reached, as far as
    the code has them, and with these settings. Python may write bytecode, as in an installation by pip."""
    ours = ("FECHATTER_", "CHAT_", "PG", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    unreached = {
        f"FECHATTER_{section}__{name}".upper(): "1000000000"
        for section, name in UNREACHED
        if code.has_setting(section, name)
    }
    return kept | unreached | settings


def _up(folder: Path, settings: Mapping[str, str], code: Code) -> subprocess.Popen[bytes]:
    options = ("--port", "0", "--notify-port", "0", "--data-dir", folder / "data")
    with (folder / "up.log").open("wb") as log:
        return subprocess.Popen(
            [code.python, "-m", "fechatter", "up", *options],
            cwd=code.folder,
            env=environment(code, **settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # a Ctrl-C is for the benchmark, which then stops this
            preexec_fn=children.die_with_parent(signal.SIGTERM),
        )


async def _ready(process: subprocess.Popen[bytes], folder: Path) -> tuple[str, str]:
    """The addresses of the ready line: chat, notify."""
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), READY_SECONDS)).decode()
    except TimeoutError:
        line = ""
    if not line.startswith("ready "):
        log = (folder / "up.log").read_text().splitlines()
        raise BenchError("fechatter up did not become ready:\n" + "\n".join(log[-20:]))
    addresses = dict(part.split("=", 1) for part in line.split()[1:])
    return addresses["chat"], addresses["notify"]


def child(pid: int, argument: str) -> int:
    """The child process that was started with this argument."""
    for child in psutil.Process(pid).children():
        if argument in child.cmdline():
            return child.pid
    raise BenchError(f"fechatter up has no child with the argument {argument}")
