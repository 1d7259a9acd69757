"""migrate, psql and doctor on an embedded PostgreSQL, by hand as it were."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from chat_core.embedded import EmbeddedPostgres
from chat_core.settings import Settings
from fechatter import keys, ports
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
    assert (down.returncode, down.stdout) == (0, "2 taken back\n")
    states = [line.split()[0] for line in fechatter(place, "migrate", "status").stdout.splitlines()]
    assert set(states) == {"applied", "pending"}
    verify = fechatter(place, "migrate", "verify")
    assert verify.returncode == 1
    assert "has not been applied: run `fechatter migrate up`" in verify.stdout


@pytest.mark.parametrize("command", [("psql", "-c", "select 1"), ("migrate", "status"), ("migrate", "down")])
def test_only_up_makes_a_database(place: Path, command: tuple[str, ...]) -> None:
    done = fechatter(place, *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no database in .fechatter: `fechatter up` makes one" in done.stderr
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


def doctor(place: Path, **settings: str) -> tuple[int, dict[str, str]]:
    """The exit status, and what is said of each check."""
    any_free = ports.Wanted("127.0.0.1", 0, "", "")
    chat, notify = ports.choose([any_free, any_free])
    done = fechatter(place, "doctor", FECHATTER_SERVER__PORT=str(chat), FECHATTER_NOTIFY__PORT=str(notify), **settings)
    assert done.stderr == ""
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    return done.returncode, {check: f"{state} {text}" for state, check, text in lines}


async def test_doctor_finds_what_is_wrong_and_says_what_to_do(place: Path) -> None:
    (place / "app.yaml").write_text("mode: development")
    status, said = doctor(place)
    assert status == 1
    assert said["database"] == "failed the embedded PostgreSQL of .fechatter is not running: run `fechatter up`"
    assert said["keys"].startswith("failed .fechatter/keys/private.pem: no such file")

    keys.make_pair(Settings(data_dir=place / ".fechatter"))
    assert fechatter(place, "migrate", "up").returncode == 0
    async with EmbeddedPostgres(place / ".fechatter") as postgres:
        connection = await asyncpg.connect(postgres.dsn("fechatter"))
        status, said = doctor(place)
        assert [check for check, text in said.items() if not text.startswith("ok")] == []
        assert status == 0
        assert said["config"] == "ok app.yaml"
        assert said["database"].startswith("ok PostgreSQL 18.")

        # (2 + 3) × (20 + 1), and PostgreSQL keeps 3 of its 100 for superusers.
        many = {
            "FECHATTER_SERVER__WORKERS": "2",
            "FECHATTER_NOTIFY__WORKERS": "3",
            "FECHATTER_DATABASE__POOL_MAX": "20",
        }
        status, said = doctor(place, **many)
        assert status == 1
        assert said["connections"].startswith(
            "failed the workers of both servers may open 105 connections and PostgreSQL has 97 for them: "
        )

        await connection.execute("ALTER TABLE messages DISABLE TRIGGER log")
        status, said = doctor(place)
        assert status == 1
        assert said["triggers"] == (
            "failed messages.log is disabled, so events or rules are lost: ALTER TABLE messages ENABLE TRIGGER log"
        )
        await connection.execute("ALTER TABLE messages ENABLE REPLICA TRIGGER log")
        assert doctor(place)[1]["triggers"].startswith("failed messages.log is disabled")

        await connection.execute("DROP TRIGGER log ON messages; DROP TRIGGER log_revoked ON sessions")
        status, said = doctor(place)
        assert status == 1
        root = Path(__file__).parents[2]
        advice = said["triggers"].partition(": fechatter ")[2]
        assert advice == "psql -f sql/triggers/messages.sql -f sql/triggers/sessions.sql"
        done = fechatter(place, *advice.replace("sql/", f"{root}/sql/").split())
        assert done.returncode == 0, done.stderr
        assert doctor(place)[1]["triggers"].startswith("ok ")

        await connection.execute("ALTER DATABASE fechatter SET session_replication_role = replica")
        assert doctor(place)[1]["triggers"].startswith("failed session_replication_role is replica")
        await connection.execute("ALTER DATABASE fechatter RESET session_replication_role")

        await connection.execute("DELETE FROM schema_migrations WHERE name LIKE 'migrations/0002%'")
        assert re.match(r"failed migrations/0002.* has not been applied", doctor(place)[1]["migrations"])
        await connection.close()

        os.kill(postgres.pid, signal.SIGKILL)
        await postgres.wait()
        assert doctor(place)[1]["database"].startswith("failed the embedded PostgreSQL of .fechatter is not running")


def test_doctor_reads_a_wrong_configuration_too(place: Path) -> None:
    (place / "app.yaml").write_text("server: {prot: 1}")
    assert doctor(place) == (1, {"config": "failed app.yaml: server.prot: unknown key; did you mean server.port?"})
    (place / "app.yaml").write_text("mode: production")
    assert doctor(place)[1]["config"].startswith("failed app.yaml: database.url: missing, and production mode needs it")
