"""The floor of posting: a POST read by hand, and one INSERT for all that came while the last one was committed.

It checks nothing, knows nobody and tells nobody. Committed rows are durable: fsync is on.
"""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.figures.result import BenchError
from bench.peers.floor.posting_app import SCHEMA
from bench.system import ROOT, System
from chat_core.process import children

NAME = "the floor"


@dataclass(frozen=True, slots=True)
class Posting:
    url: str
    pid: int


@asynccontextmanager
async def running(fechatter: System) -> AsyncIterator[Posting]:
    """Its table is in the Fechatter's PostgreSQL, which then has nothing else to do."""
    await fechatter.sql.execute(SCHEMA)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.peers.floor.posting_app", fechatter.url()),
        cwd=ROOT,
        stdout=PIPE,
        start_new_session=True,
        preexec_fn=children.die_with_parent(signal.SIGKILL),
    )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise BenchError("bench.peers.floor.posting_app did not start: see what it said above")
        yield Posting(url, process.pid)
    finally:
        await children.end(process.pid, (signal.SIGTERM, 5))
        await process.wait()
