"""Start: from `fechatter up` to its ready line, and from the death of a server to its next answer.

A first start makes everything: the database cluster, the schema, the keys. A later one finds all of it. Then each
server is killed (SIGKILL), and is back once `/health/ready` answers 200. Files are in the page cache and bytecode is
compiled, as after an installation by pip; fsync is on.

Beside a first start: PostgreSQL alone, a new cluster made and started as `fechatter up` does it.
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import anyio
import httpx
import psutil

from bench import system
from bench.figures.result import BenchError, Result, Size
from chat_core.database.embedded import EmbeddedPostgres
from fechatter.progress import say

READY_SECONDS = 3.0
BACK_SECONDS = 1.5
GIVE_UP_SECONDS = 30.0

ROUNDS: dict[Size, int] = {"tiny": 1, "normal": 5, "full": 15}


async def run(size: Size) -> list[Result]:
    first: list[float] = []
    alone: list[float] = []
    later: list[float] = []
    back: dict[str, list[float]] = {"chat-server": [], "notify-server": []}
    for number in range(1, ROUNDS[size] + 1):
        say(f"round {number} of {ROUNDS[size]}")
        alone.append(await _postgres_alone())
        with _folder() as made:
            folder = Path(made)
            folder.chmod(0o711)  # as root, Postgres runs as another user, who must be able to enter
            started = time.monotonic()
            async with system.up(folder, {}):
                first.append(time.monotonic() - started)
            started = time.monotonic()
            async with system.up(folder, {}) as (pid, chat, notify):
                later.append(time.monotonic() - started)
                for name, url in (("chat-server", chat), ("notify-server", notify)):
                    back[name].append(await _back(pid, name, url))
    return [
        _result("first start to ready", first, READY_SECONDS, alone),
        _result("later start to ready", later, READY_SECONDS),
        *(_result(f"{name} killed to ready", seconds, BACK_SECONDS) for name, seconds in back.items()),
    ]


def _result(name: str, seconds: Sequence[float], most: float, alone: Sequence[float] = ()) -> Result:
    median = statistics.median(seconds)
    return Result(
        name,
        median,
        "s",
        peer="PostgreSQL alone" if alone else "",
        peer_value=statistics.median(alone) if alone else None,
        target=f"≤ {most:g} s",
        reached=median <= most,
        note=f"from {min(seconds):.2f} to {max(seconds):.2f} s",
    )


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fechatter-bench-")


async def _postgres_alone() -> float:
    with _folder() as made:
        Path(made).chmod(0o711)
        started = time.monotonic()
        async with EmbeddedPostgres(Path(made, "data")):
            return time.monotonic() - started


async def _back(pid: int, name: str, url: str) -> float:
    """Seconds from the death of a server of this `fechatter up` to the first answer of its successor that is ready."""
    victim = psutil.Process(system.child(pid, name))
    started = time.monotonic()
    victim.kill()
    async with httpx.AsyncClient(trust_env=False) as client:
        while time.monotonic() < started + GIVE_UP_SECONDS:
            try:
                if (await client.get(f"{url}/health/ready")).status_code == httpx.codes.OK:
                    return time.monotonic() - started
            except httpx.TransportError:
                pass
            await anyio.sleep(0.01)
    raise BenchError(f"{name} was not back within {GIVE_UP_SECONDS:g} s")
