"""migrate and psql on an embedded PostgreSQL, by hand as it were."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.command.command import fechatter, folder

pytestmark = pytest.mark.anyio


@pytest.fixture
def place() -> Iterator[Path]:
    with folder() as made:
        yield made


def test_migrate_goes_up_and_down_and_tells_the_state(place: Path) -> None:
    up = fechatter(place, "migrate", "up")
    assert (up.returncode, bool(re.fullmatch(r"\d+ files applied\n", up.stdout))) == (0, True)
    assert "up migrations/0001_" in up.stderr
    assert fechatter(place, "migrate", "up").stdout == "nothing to do\n"
    verify = fechatter(place, "migrate", "verify")
    assert (verify.returncode, verify.stdout) == (0, "every file has been applied, and none has changed since\n")
    down = fechatter(place, "migrate", "down", "--steps", "2")
    assert (down.returncode, down.stdout) == (0, "2 reverted\n")
    states = [line.split()[0] for line in fechatter(place, "migrate", "status").stdout.splitlines()]
    assert set(states) == {"applied", "pending"}
    verify = fechatter(place, "migrate", "verify")
    assert verify.returncode == 1
    assert "has not been applied: run `fechatter migrate up`" in verify.stdout


@pytest.mark.parametrize("command", [("psql", "-c", "select 1"), ("migrate", "status"), ("migrate", "down")])
def test_only_up_makes_a_database(place: Path, command: tuple[str, ...]) -> None:
    done = fechatter(place, *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no database in .fechatter: `fechatter up` creates one" in done.stderr
    assert not list(place.iterdir())


async def test_psql_passes_its_arguments_on_and_uses_the_one_that_runs(place: Path) -> None:
    sql = "select current_setting('data_directory'), 'a -b --c'"
    assert fechatter(place, "migrate", "up", "--data-dir", "data").returncode == 0
    alone = fechatter(place, "psql", "--data-dir", "data", "-At", "-c", sql)
    assert (alone.returncode, alone.stdout) == (0, f"{place}/data/postgres|a -b --c\n")
    assert "starting the embedded PostgreSQL of data for this command" in alone.stderr
    async with EmbeddedPostgres(place / "data") as postgres:
        running = fechatter(place, "psql", "--data-dir", "data", "-At", "-c", sql)
        assert (running.returncode, running.stdout, running.stderr) == (0, alone.stdout, "")
        assert postgres.is_running()
    assert fechatter(place, "psql", "--data-dir", "data", "-c", "nonsense").returncode == 1
