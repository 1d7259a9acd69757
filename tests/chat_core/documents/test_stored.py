"""What the database has of a board, read in parts."""

import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from chat_core.documents.stored import PART_BYTES, Snapshot, StoredUpdate, board_content
from tests.support.documents.boards import a_board
from tests.support.holds import holds
from tests.support.postgres import Database

pytestmark = pytest.mark.anyio

# Of one part, of exactly two, and of many.
SIZES = (2, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES)
LARGE = 24 << 20


@pytest.fixture
async def sql(database: Database) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    async with database.connect() as connection:
        yield connection


async def test_a_board_comes_back_as_it_was_stored(sql: "asyncpg.Connection[asyncpg.Record]") -> None:
    updates = [random.Random(size).randbytes(size) for size in SIZES]
    board = await a_board(sql, *updates, b"a" * 5 * PART_BYTES)
    assert await board_content(sql, board) == (
        None,
        [StoredUpdate(seq, data) for seq, data in enumerate([*updates, b"a" * 5 * PART_BYTES], 1)],
    )
    await sql.execute("SELECT board_keep_snapshot($1, 3, $2, 'vector', 'deletions', true)", board, updates[3])
    assert await board_content(sql, board) == (
        Snapshot(3, updates[3], b"vector", b"deletions", pending=True),
        [StoredUpdate(4, updates[3]), StoredUpdate(5, b"a" * 5 * PART_BYTES)],
    )
    assert await board_content(sql, 0) == (None, [])


async def test_a_large_board_never_holds_the_loop(sql: "asyncpg.Connection[asyncpg.Record]") -> None:
    board = await a_board(sql)
    await sql.execute(
        "INSERT INTO board_updates (board_id, seq, origin, data) VALUES ($1, 1, 'n', $2)", board, bytes(LARGE)
    )
    with holds() as seen:
        _, [update] = await board_content(sql, board)
        assert seen.longest < 0.025, seen.what
    assert update.data == bytes(LARGE)
