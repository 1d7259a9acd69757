"""`fechatter doctor`, on an embedded PostgreSQL: each thing that is wrong gets its own true line."""

import os
import re
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.settings import Settings
from chat_server.media import process as media
from fechatter import database, keys
from fechatter.commands.doctor import doctor as run
from fechatter.commands.doctor import installation, mail, providers
from fechatter.processes import ports
from tests.command.command import fechatter, folder
from tests.support.identity.oidc_peer import oidc_peer
from tests.support.identity.saml_peer import SamlPeer, key_pair
from tests.support.identity.smtp_peer import smtp_peer
from tests.support.postgres import TEMPLATE, clone

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

        # (2 + 3) × (20 + 1) + 1, and PostgreSQL keeps 3 of its 100 for superusers.
        many = {
            "FECHATTER_SERVER__WORKERS": "2",
            "FECHATTER_NOTIFY__WORKERS": "3",
            "FECHATTER_DATABASE__POOL_MAX": "20",
        }
        status, said = doctor(place, **many)
        assert status == 1
        assert said["connections"].startswith(
            "failed the workers of both servers may open 106 connections and PostgreSQL has 97 for them: "
        )

        await connection.execute("ALTER TABLE messages DISABLE TRIGGER p90_log")
        status, said = doctor(place)
        assert status == 1
        assert said["triggers"] == (
            "failed messages.p90_log is disabled, so events or rules are lost: "
            "ALTER TABLE messages ENABLE TRIGGER p90_log"
        )
        await connection.execute("ALTER TABLE messages ENABLE REPLICA TRIGGER p90_log")
        assert doctor(place)[1]["triggers"].startswith("failed messages.p90_log is disabled")

        await connection.execute("DROP TRIGGER p90_log ON messages; DROP TRIGGER p90_log_revoked ON sessions")
        status, said = doctor(place)
        assert status == 1
        assert said["migrations"] == (
            "failed p90_log_revoked on public.sessions is missing, which sql/triggers/identity/sessions.sql makes: "
            "run `fechatter migrate up` (and 1 more: fechatter migrate verify)"
        )
        done = fechatter(place, "migrate", "up")
        assert done.returncode == 0, done.stderr
        assert doctor(place)[1]["triggers"].startswith("ok ")

        await connection.execute("ALTER DATABASE fechatter SET session_replication_role = replica")
        assert doctor(place)[1]["triggers"].startswith("failed session_replication_role is replica")
        await connection.execute("ALTER DATABASE fechatter RESET session_replication_role")

        await connection.execute("GRANT CONNECT ON DATABASE fechatter TO PUBLIC")
        assert doctor(place)[1]["roles"].startswith("failed every role of this PostgreSQL may connect")
        await connection.execute("SELECT close_to_strangers()")
        assert doctor(place)[1]["roles"].startswith("ok ")

        await connection.close()
        await make_as_earlier_versions_did(postgres)
        assert doctor(place)[1]["letters"].startswith("failed pg_trgm knows no letters beyond ASCII here")
        assert fechatter(place, "backup", "chat.dump").returncode == 0
        assert fechatter(place, "restore", "chat.dump").returncode == 0
        assert doctor(place)[1]["letters"].startswith("ok ")
        connection = await asyncpg.connect(postgres.dsn("fechatter"))

        await connection.execute("DELETE FROM schema_migrations WHERE name LIKE 'migrations/0002%'")
        assert re.match(r"failed migrations/0002.* has not been applied", doctor(place)[1]["migrations"])
        await connection.close()

        os.kill(postgres.pid, signal.SIGKILL)
        await postgres.wait()
        assert doctor(place)[1]["database"].startswith("failed the embedded PostgreSQL of .fechatter is not running")


async def make_as_earlier_versions_did(postgres: EmbeddedPostgres) -> None:
    """The database anew, with the type of characters that the clusters of earlier versions have."""
    connection = await asyncpg.connect(postgres.dsn())
    await connection.execute("DROP DATABASE fechatter")
    await connection.execute("CREATE DATABASE fechatter LC_CTYPE 'C' TEMPLATE template0")
    await connection.close()
    await database.migrate(postgres.dsn("fechatter"), lambda _: None)


@dataclass(frozen=True)
class Wrong:
    """Something that is wrong with an installation: how it is made so, and the line of doctor's that says so."""

    check: str
    said: str
    sql: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    empty: bool = False


HIDE = """
CREATE VIEW public.pg_available_extensions AS
SELECT * FROM pg_catalog.pg_available_extensions WHERE name <> 'pg_trgm';
ALTER DATABASE {name} SET search_path = public, pg_catalog
"""
DISK_FULL = """
CREATE FUNCTION disk_full() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN RAISE disk_full USING MESSAGE = 'No space left on device'; END $$;
CREATE EVENT TRIGGER disk_full ON ddl_command_start EXECUTE FUNCTION disk_full()
"""

WRONG = {
    "unmigrated": Wrong("migrations", "the database is not migrated: run `fechatter migrate up`", empty=True),
    "one migration is missing": Wrong(
        "migrations",
        "migrations/0001_identity.sql has not been applied: run `fechatter migrate up`",
        "DELETE FROM schema_migrations WHERE name = 'migrations/0001_identity.sql'",
    ),
    "no pg_trgm": Wrong("extensions", "PostgreSQL's extension pg_trgm is not installed on the server: ", HIDE),
    "read-only": Wrong(
        "writes", "it accepts no writes: promote it ", "ALTER DATABASE {name} SET default_transaction_read_only = on"
    ),
    "the database's disk is full": Wrong(
        "writes", "the database's disk is full (No space left on device): free some space", DISK_FULL
    ),
    "a trigger is off": Wrong(
        "triggers", "messages.p90_log is disabled, ", "ALTER TABLE messages DISABLE TRIGGER p90_log"
    ),
    "a page without a snapshot": Wrong(
        "snapshots",
        "page 1 has 2 patches that are in no snapshot: ",
        "INSERT INTO users (fullname, email, password_hash) VALUES ('a', 'a@example.com', 'x'); "
        "INSERT INTO workspaces (name) VALUES ('w'); "
        "BEGIN; INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (1, 1, 'owner'); COMMIT; "
        "SELECT create_page(1, 1, 'p', 'free', '[]', false); "
        "INSERT INTO page_ops (page_id, patch, created_at) "
        "SELECT 1, '[]', now() - interval '2 days' FROM generate_series(1, 2)",
    ),
    "no trigger fires": Wrong(
        "triggers",
        "session_replication_role is replica, ",
        "ALTER DATABASE {name} SET session_replication_role = replica",
    ),
    "too many connections": Wrong(
        "connections",
        "the workers of both servers may open 403 connections and PostgreSQL has ",
        settings={"database": {"pool_max": 200}},
    ),
    "one port twice": Wrong(
        "ports",
        "server.port and notify.port are both 7000, but each server needs its own: change one of them",
        settings={"server": {"port": 7000}, "notify": {"port": 7000}},
    ),
    "a host that is not ours": Wrong(
        "chat-server", "port 6688 on 192.0.2.1 cannot be used (", settings={"server": {"host": "192.0.2.1"}}
    ),
    "no keys": Wrong("keys", "none.pem: no such file or directory; ", settings={"auth": {"private_key": "none.pem"}}),
    "no such database": Wrong(
        "database", "the database ", settings={"database": {"url": "postgresql://postgres:hunt%40er2@127.0.0.1:1/none"}}
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_each_thing_that_is_wrong_has_its_own_line(
    postgres: EmbeddedPostgres, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: Wrong
) -> None:
    async with clone(postgres, "template0" if wrong.empty else TEMPLATE) as database:
        async with database.connect() as sql:
            await sql.execute(f"REVOKE CONNECT ON DATABASE {database.name} FROM PUBLIC")
            if wrong.sql:
                await sql.execute(wrong.sql.replace("{name}", database.name))
        keys.make_pair(Settings(data_dir=tmp_path))
        any_free = ports.Wanted("127.0.0.1", 0, "", "")
        chat, notify = ports.choose([any_free, any_free])
        sections: dict[str, dict[str, Any]] = {
            "database": {"url": database.url},
            "server": {"port": chat},
            "notify": {"port": notify},
            "auth": {},
        }
        given = {name: {**values, **wrong.settings.get(name, {})} for name, values in sections.items()}
        if "host" in wrong.settings.get("server", {}):
            del given["server"]["port"]
        settings = Settings.model_validate({"data_dir": tmp_path, **given})
        assert await run(lambda: settings) == 1
        lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
        failed = {check: text for state, check, text in lines if state == "failed"}
        assert list(failed) == [wrong.check], failed
        assert failed[wrong.check].startswith(wrong.said), failed
        assert "er2" not in str(lines)


async def test_a_disk_with_little_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "LEAST_FREE_BYTES", 1 << 60)
    finding = await installation.disk_has_room(Settings(data_dir=tmp_path / "not" / "there"))
    assert re.fullmatch(
        rf"only \d+ MiB are free on the disk of {tmp_path}: free at least \d+ MiB", finding.problem or ""
    )


async def test_whether_previews_are_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await installation.previews(Settings())).detail.startswith("made")
    off = Settings.model_validate({"media": {"previews": False}})
    assert (await installation.previews(off)).detail == "switched off (media.previews)"
    monkeypatch.setattr(media, "installed", lambda: False)
    assert "pip install 'fechatter[media]'" in (await installation.previews(Settings())).detail


async def test_whether_files_are_scanned_is_told(tmp_path: Path) -> None:
    assert (await installation.scanner(Settings())).detail == "none: files are not scanned (media.clamd)"
    away = Settings.model_validate({"media": {"clamd": str(tmp_path / "clamd.ctl")}})
    assert str(tmp_path / "clamd.ctl") in str((await installation.scanner(away)).problem)


@pytest.mark.parametrize("password", ["hunt@er2", "hunt/er2", "12/er2"])
def test_a_password_that_is_not_percent_encoded_is_told_and_never_shown(place: Path, password: str) -> None:
    url = f"postgresql://me:{password}@127.0.0.1:1/chat"
    status, said = doctor(place, FECHATTER_DATABASE__URL=url)
    assert (status, list(said)) == (1, ["config"])
    assert (
        "with @ : / ? # of the password as %40 %3A %2F %3F %23, got something else (a secret, not shown)"
        in said["config"]
    )
    assert "er2" not in said["config"]


def test_doctor_reads_a_wrong_configuration_too(place: Path) -> None:
    (place / "app.yaml").write_text("server: {prot: 1}")
    assert doctor(place) == (1, {"config": "failed app.yaml: server.prot: unknown key; did you mean server.port?"})
    (place / "app.yaml").write_text("mode: production")
    assert doctor(place)[1]["config"].startswith("failed app.yaml: database.url: missing, and production mode needs it")


async def test_each_provider_of_identity_is_asked() -> None:
    async with oidc_peer() as peer:

        async def said(public_url: str | None = "https://chat.example.com", **fields: object) -> str:
            settings = Settings.model_validate(
                {"server": {"public_url": public_url}, "auth": {"providers": {"acme": peer.settings(**fields)}}}
            )
            [finding] = [finding async for finding in providers.usable(settings)]
            return finding.problem or finding.detail

        assert await said() == f"acme: {peer.issuer} answers, and its keys can be used"
        assert "set server.public_url" in await said(None)
        assert "none of its keys" in await said(algorithms=["ES512"])
        unreadable = await said(client_secret=None, client_secret_file="/nowhere/secret")
        assert "/nowhere/secret" in unreadable
        peer.metadata["issuer"] = "https://login.example"
        assert "is of the issuer 'https://login.example': the settings must say the same" in await said()
        peer.down = True
        assert "answered with 503" in await said()


async def test_the_smtp_server_is_asked(tmp_path: Path) -> None:
    async with smtp_peer(credentials=("fechatter", "a secret")) as peer:
        secret = tmp_path / "secret"
        secret.write_text("a secret")

        async def said(mode: str = "production", **fields: Any) -> str:
            given = {"host": "127.0.0.1", "port": peer.port, "tls": "none", "sender": "fechatter@example.com", **fields}
            server = {"public_url": "https://chat.example.com"}
            finding = await mail.can_be_sent(Settings.model_validate({"mode": mode, "server": server, "mail": given}))
            return finding.problem or finding.detail

        account: dict[str, Any] = {"user": "fechatter", "password_file": secret}
        assert await said(**account) == f"127.0.0.1:{peer.port} takes mails from fechatter@example.com"
        assert "/nowhere" in await said(user="fechatter", password_file="/nowhere")
        assert "starttls" in (await said(tls="starttls")).lower()
        assert (await said(port=1)).startswith("mail.host: 127.0.0.1:1: ")
        assert (await said(host=None)).startswith("off")
        assert "set mail.host" in await said(host=None, verification="required")
        secret.write_text("another one")
        assert "535" in await said(**account)


async def test_the_metadata_of_each_provider_of_saml_is_read(tmp_path: Path) -> None:
    peer = SamlPeer(tmp_path)

    async def said(public_url: str | None = "https://chat.example.com", **fields: object) -> str:
        settings = Settings.model_validate(
            {"server": {"public_url": public_url}, "auth": {"saml": {"corp": peer.settings(**fields)}}}
        )
        [finding] = [finding async for finding in providers.usable(settings)]
        return finding.problem or finding.detail

    assert await said() == f"corp: the metadata of {peer.entity_id} can be used"
    assert "set server.public_url" in await said(None)
    assert "entity_id must name one" in await said(entity_id="https://other.example")
    keys = {"private_key_file": "/nowhere/key", "certificate_file": "/nowhere/crt"}
    assert "private_key_file or certificate_file cannot be read" in await said(**keys)
    # While a key is replaced there are two; then one that ends is told in time.
    peer.keys = [key_pair("ending", days=20), key_pair("first")]
    peer.publish()
    assert "can be used" in await said()
    peer.keys = [key_pair("ending", days=20)]
    peer.publish()
    assert re.search(r"auth.saml.corp: the provider's certificate ends on 20\d\d-\d\d-\d\d: replace", await said())
    peer.file.unlink()
    assert "metadata_file cannot be read: No such file" in await said()
