"""What the database has of a document, read in parts: a row with 32 MiB would hold the event loop for 50 ms while
asyncpg decodes it, and its parts hold it for a fraction of a millisecond each."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from asyncpg import Record

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query

# Rows of these queries have at most this much content: `data`, which starts at byte `at`, the first being 1.
PART_BYTES: Final = 1 << 17
BOARD_LOAD = query("board_load", "board_id", "part_bytes")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`pending`: some of the state waits for missing updates."""

    seq: int
    state: bytes
    vector: bytes
    deletions: bytes
    pending: bool


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    seq: int
    data: bytes


async def board_content(connection: Connection | Pool, board_id: int) -> tuple[Snapshot | None, list[StoredUpdate]]:
    """A board's snapshot, if there is one, and the updates since, in order; from one snapshot of the database."""
    rows = await BOARD_LOAD.rows(connection, board_id=board_id, part_bytes=PART_BYTES)
    snapshot, updates = None, []
    for seq, group in groupby(sorted(rows, key=itemgetter("seq")), itemgetter("seq")):
        parts = list(group)
        first = min(parts, key=itemgetter("at"))
        if first["vector"] is None:
            updates.append(StoredUpdate(seq, joined(parts)))
        else:
            snapshot = Snapshot(seq, joined(parts), first["vector"], first["deletions"], first["pending"])
    return snapshot, updates


def joined(parts: Iterable[Record]) -> bytes:
    """The content of one value, whose parts come in any order."""
    return b"".join(part["data"] for part in sorted(parts, key=itemgetter("at")))
