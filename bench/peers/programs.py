"""Programs of peers: started, waited for until they answer, and ended."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.code import ROOT
from bench.figures.result import BenchError
from chat_core.process import children

_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Program:
    url: str
    pid: int


@asynccontextmanager
async def printing_its_url(module: str, *arguments: str) -> AsyncIterator[Program]:
    """A module of Python's that prints its address once it listens."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=ROOT,
        stdout=PIPE,
        start_new_session=True,
        preexec_fn=children.die_with_parent(signal.SIGKILL),
    )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise BenchError(f"{module} did not start: see what it said above")
        yield Program(url, process.pid)
    finally:
        # Streams never end by themselves.
        await children.end(process.pid, (signal.SIGTERM, 1), (signal.SIGKILL, 10))
        await process.wait()


async def listens(port: int, process: Process, seconds: float, failed: str) -> None:
    """Returns once somebody listens on the port. BenchError with the text `failed` if the process ends before."""
    async with asyncio.timeout(seconds):
        while process.returncode is None:
            try:
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
            except OSError:
                await asyncio.sleep(_POLL_SECONDS)
            else:
                return
    raise BenchError(failed)
