"""The floor of posting: a POST read by hand, and one INSERT for all that came while the last one was committed.

It checks nothing, knows nobody and tells nobody. Committed rows are durable: fsync is on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.peers.floor.posting_app import SCHEMA
from bench.peers.programs import Program, printing_its_url
from bench.system import System

NAME = "the floor"


@asynccontextmanager
async def running(fechatter: System) -> AsyncIterator[Program]:
    """Its table is in the Fechatter's PostgreSQL, which then has nothing else to do."""
    await fechatter.sql.execute(SCHEMA)
    async with printing_its_url("bench.peers.floor.posting_app", fechatter.url()) as program:
        yield program
