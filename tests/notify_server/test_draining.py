"""Everybody leaves: no faster than others take them, and not later than the server says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat_core.database.pool import Pool, open_pool
from chat_core.settings import Settings
from notify_server.draining import CLOSING_SHARE, Draining
from notify_server.streams.framing import DOCUMENTS, SSE
from tests.support.postgres import Database


class Left:
    """A stream that notes when it ends, and its farewell."""

    def __init__(self, framing: Any = SSE["1.1"]) -> None:
        self.framing, self.reason, self.farewell = framing, "", b""

    def close(self, reason: str, farewell: bytes = b"") -> None:
        self.reason, self.farewell = reason, farewell
        self.at = asyncio.get_running_loop().time()


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    settings = Settings.model_validate({"database": {"url": database.notify_url}})
    made = await open_pool(settings.database, "test")
    yield made
    await made.close()


async def _seen_off(pool: Pool, streams: list[Left], *, per_second: int, seconds: float) -> float:
    """How long it took until the last one left."""
    notify = Settings.model_validate(
        {"notify": {"drain_streams_per_second": per_second, "drain_seconds": seconds}}
    ).notify
    everybody: list[Any] = [*streams]
    draining = Draining(notify, "ours", pool, lambda: everybody)
    await draining.announce()
    began = asyncio.get_running_loop().time()
    await draining.see_off()
    assert {stream.reason for stream in streams} == {"shutdown"}
    return max(stream.at for stream in streams) - began


async def test_the_rate_is_what_the_servers_that_go_on_take(pool: Pool, database: Database) -> None:
    async with database.connect() as sql:
        for node in ("ours", "stops too", "goes on", "goes on, too", "and a third"):
            await sql.execute("SELECT report_streams($1, '[]', '{}')", node)
        await sql.execute("SELECT node_stops('stops too')")
        streams = [Left() for _ in range(45)]
        # 45 streams at 60/s for each of three, shared by two.
        took = await _seen_off(pool, streams, per_second=60, seconds=30)
        assert took >= 44 / 90
        stops = await sql.fetch("SELECT node FROM ops.nodes WHERE stops ORDER BY node")
        assert [row["node"] for row in stops] == ["ours", "stops too"]
    order = sorted(range(45), key=lambda number: streams[number].at)
    assert order != list(range(45)), "at random"
    assert len({stream.farewell for stream in streams}) > 30, "each with its own time to come back"


@pytest.mark.parametrize(
    ("waiting", "at_least"),
    [
        # Of two seconds' work half waits, so half as many go.
        (100, 19 / 50),
        # Nobody goes until the rest of the time is what 20 need at the full rate.
        (200, 2 * CLOSING_SHARE - 20 / 100),
    ],
)
async def test_the_more_of_those_who_left_wait_elsewhere_the_fewer_go(
    pool: Pool, database: Database, waiting: int, at_least: float
) -> None:
    async with database.connect() as sql:
        for node, openings in (("ours", 0), ("goes on", 0), ("is behind", waiting)):
            await sql.execute("SELECT report_streams($1, '[]', '{}', openings => $2)", node, openings)
        took = await _seen_off(pool, [Left() for _ in range(20)], per_second=50, seconds=2)
        assert took >= at_least


async def test_all_are_gone_in_time_and_boards_are_told_nothing_that_they_do_not_know(pool: Pool) -> None:
    streams = [Left() for _ in range(30)]
    boards = [Left(DOCUMENTS["yjs"]) for _ in range(30)]
    took = await _seen_off(pool, streams + boards, per_second=1, seconds=1)
    assert took >= 0.5 * CLOSING_SHARE
    assert all(b"retry" in stream.farewell for stream in streams)
    assert not any(board.farewell for board in boards)
