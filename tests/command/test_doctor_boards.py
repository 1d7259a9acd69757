"""`fechatter doctor --boards` finds each kind of damage, says what to do, and what it says helps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_core.documents import worker
from chat_core.documents.updates import EMPTY
from tests.command.command import fechatter, folder
from tests.support.documents.boards import a_board
from tests.support.postgres import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
def place() -> Iterator[Path]:
    with folder() as made:
        yield made


def note(clock: int, after: bytes = b"") -> bytes:
    """An update of client 7: one letter more."""
    place = b"\x84" + after if after else b"\x04\x01\x01t"
    return bytes((1, 1, 7, clock)) + place + b"\x01x\x00"


def doctor(place: Path, database: Database) -> tuple[int, list[str]]:
    done = fechatter(place, "doctor", "--boards", FECHATTER_DATABASE__URL=database.url)
    return done.returncode, [line.split(maxsplit=2)[2] for line in done.stdout.splitlines() if " board " in line]


async def test_damaged_boards_are_found_and_healed_as_it_says(place: Path, database: Database) -> None:
    first, second = note(0), note(1, b"\x07\x00")
    whole = worker.compact(EMPTY, [first, second])[0]
    async with database.connect() as sql:
        sound = await a_board(sql, first, second, snapshot=(2, whole))
        await sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", sound)
        assert doctor(place, database) == (0, [])

        other = worker.compact(EMPTY, [first.replace(b"x", b"y"), second])[0]
        healable = await a_board(sql, first, second, snapshot=(2, other))
        lost = await a_board(sql, first, second, snapshot=(2, whole))
        await sql.execute("DELETE FROM board_updates WHERE board_id = $1", lost)
        await sql.execute("UPDATE board_snapshots SET vector = '\\x010703' WHERE board_id = $1", lost)
        unreadable = await a_board(sql, first, snapshot=(1, worker.compact(EMPTY, [first])[0]))
        await sql.execute("DELETE FROM board_updates WHERE board_id = $1", unreadable)
        await sql.execute("UPDATE board_snapshots SET state = '\\x01' WHERE board_id = $1", unreadable)
        failing = await a_board(sql, b"\x01\x01\x07\x00\x84\x07\x00\x01a\x00")
        waiting = await a_board(sql, second)
        bad_version = await a_board(sql, first)
        await sql.execute(
            "INSERT INTO document_versions (document_id, name, seq, state) VALUES ($1, 'v', 1, '\\xffff')", bad_version
        )
        status, said = doctor(place, database)
        assert status == 1
        expected = {
            healable: f"its snapshot does not match its updates: run SELECT ops.remake_snapshot({healable})",
            lost: "its snapshot is unusable (its stored state vector does not match its state)",
            unreadable: "its snapshot is unusable (compact: ",
            failing: "Yjs fails on update 1 (",
            waiting: "some of its edits are not shown",
            bad_version: "version 1 cannot be read (",
        }
        assert len(said) == len(expected)
        for line, (board, problem) in zip(said, expected.items(), strict=True):
            assert line.startswith(f"board {board}: {problem}"), line

        await sql.execute("SELECT ops.remake_snapshot($1)", healable)
        await sql.execute("DELETE FROM document_versions")
        assert [line.split(":")[0] for line in doctor(place, database)[1]] == [
            f"board {board}" for board in (lost, unreadable, failing, waiting)
        ]
