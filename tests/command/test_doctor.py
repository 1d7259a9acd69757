"""`fechatter doctor`, on an embedded PostgreSQL: each thing that is wrong gets its own true line."""

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

        await connection.execute("GRANT CONNECT ON DATABASE fechatter TO PUBLIC")
        assert doctor(place)[1]["roles"].startswith("failed every role of this PostgreSQL may connect")
        await connection.execute("SELECT close_to_strangers()")
        assert doctor(place)[1]["roles"].startswith("ok ")

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
