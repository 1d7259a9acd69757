"""Files are scanned before anyone can fetch them: by Debian's clamd, with a signature of our own for EICAR's file."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chat_core.process.children import die_with_parent
from chat_core.settings import Settings
from chat_server.files import looking
from chat_server.files.clamd import Clamd, ScannerUnavailable, TooLargeToScan
from fechatter.commands.doctor import installation
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, problem, settings
from tests.support.postgres import Database

# In two parts, so that no scanner finds this file.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
LARGEST = 1_000_000
START_SECONDS = 60

pytestmark = pytest.mark.skipif(shutil.which("clamd") is None, reason="clamd is not installed (Debian: clamav-daemon)")


@asynccontextmanager
async def clamd(folder: Path, signature: bytes = EICAR) -> AsyncIterator[str]:
    """The path of a running daemon's socket; it knows one signature."""
    (folder / "db").mkdir(parents=True, exist_ok=True)
    (folder / "db" / "own.ndb").write_text(f"Test.EICAR:0:0:{signature.hex()}\n")
    socket, config = folder / "clamd.sock", folder / "clamd.conf"
    config.write_text(
        f"DatabaseDirectory {folder}/db\nLocalSocket {socket}\nForeground yes\nStreamMaxLength {LARGEST}\n"
        "ConcurrentDatabaseReload no\n"
    )
    process = await asyncio.create_subprocess_exec(
        *("clamd", "--config-file", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(str(socket)):
                assert process.returncode is None, (await process.communicate())[0].decode()
        yield str(socket)
    finally:
        process.terminate()
        await process.communicate()


async def _answers(socket: str) -> bool:
    try:
        return "ClamAV" in await Clamd(socket).version()
    except ScannerUnavailable:
        await asyncio.sleep(0.02)  # it has no signal for this
        return False


def pieces(*data: bytes) -> Callable[[], Awaitable[AsyncIterator[bytes]]]:
    async def each() -> AsyncIterator[bytes]:
        for piece in data:
            yield piece

    async def read() -> AsyncIterator[bytes]:
        return each()

    return read


@pytest.fixture(scope="module")
async def scanner(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with clamd(tmp_path_factory.mktemp("clamd")) as socket:
        yield socket


@asynccontextmanager
async def server_with(database: Database, keys: Path, address: str | None) -> AsyncIterator[ChatServer]:
    """Those on one database have one store, too."""
    directory = keys / "files" / database.name
    configured = settings(database.chat_url, keys, media={"clamd": address}, storage={"directory": directory})
    async with chat_server_on(configured) as server:
        yield server


async def upload(person: Person, data: bytes, name: str = "a.txt") -> int:
    path = f"/api/workspaces/{person.workspace}/files"
    return int(ok(await person.api.post(path, params={"name": name}, content=data), 201)["id"])


async def settled(person: Person, file: int) -> dict[str, Any]:
    """The file, once it has been scanned."""
    async with asyncio.timeout(30):
        while (shown := ok(await person.api.get(f"/api/files/{file}/info")))["state"] == "scanning":
            pass
    return dict(shown)


async def test_what_clamd_says(scanner: str) -> None:
    clamd = Clamd(scanner)
    assert await clamd.scan(pieces(b"hello")) is None
    assert await clamd.scan(pieces()) is None
    assert await clamd.scan(pieces(EICAR[:20], EICAR[20:])) == "Test.EICAR.UNOFFICIAL"
    with pytest.raises(TooLargeToScan, match="StreamMaxLength"):
        await clamd.scan(pieces(*[bytes(100_000)] * (LARGEST // 100_000 + 5)))


async def test_a_clean_file_is_served_once_it_was_scanned_and_an_infected_one_never(
    database: Database, keys: Path, scanner: str
) -> None:
    async with server_with(database, keys, scanner) as server, database.connect() as sql:
        ada, bob = await server.team("Ada", "Bob")
        chat = await ada.chat(bob)
        clean, infected = await upload(ada, b"hello"), await upload(ada, EICAR, "eicar.com")
        message = await ada.api.post(f"/api/chats/{chat}/messages", json={"files": [clean]})
        ok(message, 201)
        assert (await settled(ada, clean))["state"] == "ready"
        assert (await bob.api.get(f"/api/files/{clean}")).content == b"hello"

        refused = await settled(ada, infected)
        assert (refused["state"], refused["refusal"]) == ("refused", "Malware was found in it: Test.EICAR.UNOFFICIAL.")
        problem(await ada.api.get(f"/api/files/{infected}"), 403, "file_refused")
        link = ok(await ada.api.post(f"/api/files/{infected}/link"), 201)["url"]
        problem(await server.anybody.get(link), 403, "file_refused")
        posted = await ada.api.post(f"/api/chats/{chat}/messages", json={"files": [infected]})
        problem(posted, 422, "message_files_are_seen")
        event = await sql.fetchrow(
            "SELECT user_id, payload::jsonb ->> 'refusal' FROM events WHERE kind = 'FileRefused'"
        )
        assert event is not None
        assert tuple(event) == (ada.id, refused["refusal"])
        # Its bytes are gone, and do not count.
        assert await sql.fetchval("SELECT count(*) FROM blobs") == 1
        assert await sql.fetchval("SELECT count(*) FROM blob_deletions") == 1
        counted = "SELECT sum(bytes) FROM storage_usage WHERE kind = 'files'"
        assert await sql.fetchval(counted) == 5
        await sql.execute("SELECT ops.recount_storage()")
        assert await sql.fetchval(counted) == 5
        metrics = (await server.anybody.get("/metrics")).text
        assert 'chat_file_scans_total{outcome="infected"} 1.0' in metrics
        ok(await ada.api.delete(f"/api/files/{infected}"), 204)
        assert await sql.fetchval(counted) == 5


async def test_files_wait_while_clamd_is_away(
    database: Database, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PERIOD_SECONDS", 0.05)
    address = str(tmp_path / "clamd.sock")
    of_operator = Settings.model_validate({"media": {"clamd": address}})
    async with server_with(database, keys, address) as server, database.connect() as sql:
        ada, bob = await server.team("Ada", "Bob")
        chat = await ada.chat(bob)
        file = await upload(ada, b"hello")
        ok(await ada.api.post(f"/api/chats/{chat}/messages", json={"files": [file]}), 201)
        for person in (ada, bob):
            waits = await person.api.get(f"/api/files/{file}")
            assert int(waits.headers["retry-after"]) > 0
            problem(waits, 409, "file_being_scanned")
        async with asyncio.timeout(30):
            while not await sql.fetchval("SELECT error FROM ops.file_looks"):
                pass
        assert "ScannerUnavailable" in await sql.fetchval("SELECT error FROM ops.file_looks")
        assert address in str((await installation.scanner(of_operator)).problem)
        async with clamd(tmp_path):
            assert (await settled(bob, file))["state"] == "ready"
            assert "ClamAV" in (await installation.scanner(of_operator)).detail
        assert (await bob.api.get(f"/api/files/{file}")).content == b"hello"
        told = await sql.fetchval("SELECT count(*) FROM events WHERE kind = 'MessageFilesReady'")
        assert told == 1


async def test_what_is_too_large_to_scan_waits_and_others_do_not(database: Database, keys: Path, scanner: str) -> None:
    async with server_with(database, keys, scanner) as server, database.connect() as sql:
        ada = await server.sign_up()
        large, small = await upload(ada, bytes(2 * LARGEST)), await upload(ada, b"hello")
        assert (await settled(ada, small))["state"] == "ready"
        problem(await ada.api.get(f"/api/files/{large}"), 409, "file_being_scanned")
        assert "StreamMaxLength" in await sql.fetchval("SELECT error FROM ops.file_looks")


async def test_new_signatures_refuse_all_files_with_the_same_bytes(
    database: Database, keys: Path, scanner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were uploaded before anybody scanned."""
    monkeypatch.setattr(looking, "PERIOD_SECONDS", 0.05)
    async with server_with(database, keys, None) as server:
        ada, bob = await server.team("Ada", "Bob")
        bob.workspace = ada.workspace
        eve = await server.sign_up("Eve")  # in another workspace
        first, second, third = [await upload(person, EICAR) for person in (ada, bob, eve)]
    async with server_with(database, keys, scanner) as server, database.connect() as sql:
        await sql.execute("UPDATE files SET state = 'scanning' WHERE id = $1", first)
        async with asyncio.timeout(30):
            while await sql.fetchval("SELECT count(*) FROM files WHERE state = 'refused'") < 3:
                pass
        assert await sql.fetchval("SELECT count(*) FROM blobs") == 0
        told = await sql.fetch("SELECT user_id, payload::jsonb -> 'file_id' FROM events WHERE kind = 'FileRefused'")
        assert {(row[0], int(row[1])) for row in told} == {
            (ada.id, first),
            (bob.id, second),
            (eve.id, third),
        }
