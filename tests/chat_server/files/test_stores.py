"""Files in S3 and encrypted ones, from the upload to the last byte; a store that is away; and moving between stores."""

import base64
import hashlib
import random
import socket
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from chat_core.database.pool import open_pool
from chat_core.problems import Problem
from chat_core.settings import Settings
from chat_core.storage import Blob, Blobs, open_storage
from chat_core.storage.s3 import Bucket
from chat_server.files import cleanup
from chat_server.files.uploads import Uploads
from fechatter.commands import storage
from fechatter.errors import CommandError
from tests.chat_server.files.test_uploads import BODY, begin, offset
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, problem, settings
from tests.support.postgres import Database
from tests.support.services import s3

DATA = random.Random(11).randbytes(300_000)


@pytest.fixture
def master(tmp_path: Path) -> Path:
    file = tmp_path / "master"
    file.touch(0o600)
    file.write_bytes(base64.b64encode(b"m" * 32))
    return file


@pytest.fixture(autouse=True)
def progress(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the commands say on stderr."""
    said: list[str] = []
    monkeypatch.setattr(storage, "say", said.append)
    return said


def in_bucket(bucket: Bucket) -> dict[str, Any]:
    """The settings of a bucket."""
    return {
        "s3_bucket": bucket.name,
        "s3_endpoint": bucket.endpoint,
        "s3_prefix": bucket.prefix,
        "s3_access_key": bucket.access_key,
        "s3_secret_key": bucket.secret_key,
    }


@asynccontextmanager
async def served(configured: Settings) -> AsyncIterator[tuple[ChatServer, Uploads]]:
    """A server, and what another server with its settings has."""
    async with chat_server_on(configured) as server:
        pool = await open_pool(configured.database, "test")
        try:
            blobs, staging = open_storage(configured)
            yield server, Uploads(pool, configured.storage, staging, blobs)
        finally:
            await pool.close()


async def upload(person: Person, data: bytes = DATA) -> int:
    path = f"/api/workspaces/{person.workspace}/files"
    return int(ok(await person.api.post(path, params={"name": "a"}, content=data), 201)["id"])


async def stored(uploads: Uploads) -> dict[str, int]:
    return {name: len([blob async for blob in store.stored()]) for name, store in uploads.blobs.stores.items()}


@pytest.mark.parametrize("kind", ["directory", "s3"])
async def test_encrypted_files_are_fetched_as_they_were_and_go(
    database: Database, keys: Path, tmp_path: Path, master: Path, kind: str
) -> None:
    with s3.nanio(tmp_path / "nanio") as bucket:
        given = {"directory": tmp_path / "files", "kind": kind, "encryption_key": master, **in_bucket(bucket)}
        async with served(settings(database.chat_url, keys, storage=given)) as (server, uploads):
            ada = await server.sign_up()
            file = await upload(ada)
            assert await stored(uploads) == {"directory": 0, "s3": 0, kind: 1}
            assert (await ada.api.get(f"/api/files/{file}")).content == DATA
            part = await ada.api.get(f"/api/files/{file}", headers={"Range": "bytes=65530-131080"})
            assert (part.status_code, part.content) == (206, DATA[65530:131081])
            everything = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
            assert all(DATA[:40] not in content for content in everything)

            path = next(path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size > len(DATA))
            path.write_bytes(bytes(path.stat().st_size))
            problem(await ada.api.get(f"/api/files/{file}"), 410, "file_lost")
            ok(await ada.api.delete(f"/api/files/{file}"), 204)
            await cleanup.clean_once(uploads._pool, uploads)
            assert await stored(uploads) == {"directory": 0, "s3": 0}
            figures = (await server.anybody.get("/metrics")).text
            assert f'chat_storage_failures_total{{operation="read",store="{kind}"}} 1.0' in figures


async def test_while_s3_is_away_nothing_is_lost_and_chat_goes_on(
    database: Database, keys: Path, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held, ExitStack() as running:
        port = held.getsockname()[1]
        held.close()
        bucket = running.enter_context(s3.nanio(tmp_path / "nanio", port))
        given = {"directory": tmp_path / "files", "kind": "s3", **in_bucket(bucket)}
        async with served(settings(database.chat_url, keys, storage=given)) as (server, uploads):
            ada = await server.sign_up()
            chat = await ada.chat()
            kept = await upload(ada)
            running.close()

            path = f"/api/workspaces/{ada.workspace}/files"
            refused = await ada.api.post(path, params={"name": "x"}, content=b"refused")
            problem(refused, 503, "storage_unavailable")
            assert int(refused.headers["retry-after"]) > 0
            problem(await ada.api.get(f"/api/files/{kept}"), 503, "storage_unavailable")
            begun = await begin(ada)
            problem(
                await ada.api.patch(begun, headers={**BODY, "Upload-Offset": "0"}, content=b"b" * 700_000),
                503,
                "storage_unavailable",
            )
            await ada.say(chat, "chat goes on")
            async with database.connect() as sql:
                assert await sql.fetchval("SELECT count(*) FROM files") == 1

            running.enter_context(s3.nanio(tmp_path / "nanio", urlsplit(bucket.endpoint or "").port or 0))
            # All of its bytes are here, so asking for it is enough to make the file.
            assert await offset(ada, begun) == 700_000
            file = (await ada.api.get(begun)).json()["file_id"]
            assert (await ada.api.get(f"/api/files/{file}")).content == b"b" * 700_000
            assert (await ada.api.get(f"/api/files/{kept}")).content == DATA
            assert await cleanup.strays(uploads._pool, uploads.blobs, uploads.staging, older_than=-60) == []


async def test_files_are_moved_and_encrypted_while_they_are_used(
    database: Database,
    keys: Path,
    tmp_path: Path,
    master: Path,
    capsys: pytest.CaptureFixture[str],
    progress: list[str],
) -> None:
    with s3.nanio(tmp_path / "nanio") as bucket:
        given: dict[str, Any] = {"directory": tmp_path / "files", "encryption_key": master, **in_bucket(bucket)}
        plain = settings(database.chat_url, keys, storage={"directory": tmp_path / "files"})
        of_server = settings(database.chat_url, keys, storage=given)
        of_operator = Settings.model_validate({"database": {"url": database.url}, "storage": given})
        contents = [random.Random(number).randbytes(size) for number, size in enumerate((0, 5, 70_000, 200_000))]
        async with served(plain) as (server, _):
            ada = await server.sign_up()
            files = [await upload(ada, content) for content in contents]
        async with served(of_server) as (server, uploads):
            ada.api = await server.client(ada.token)

            async def hashes() -> list[bytes]:
                fetched = [(await ada.api.get(f"/api/files/{file}")).content for file in files]
                return [hashlib.sha256(content).digest() for content in fetched]

            before = await hashes()
            await stopped_in_the_middle(of_operator, 2)
            assert await hashes() == before
            assert await storage.move(of_operator, "s3") == 0
            assert (
                capsys.readouterr().out.splitlines()[-1] == "3 moved to s3, 0 left, of which 0 are missing or damaged"
            )
            assert progress[-1] == "storage: 3 moved of 3"
            assert await hashes() == before
            assert await storage.check(of_operator) == 0
            async with database.connect() as sql:
                # The old ones, and the one that was stored when it was stopped: they go later, and are in nobody's way.
                assert await sql.fetchval("SELECT count(*) FROM blob_deletions WHERE since > now()") == 5
                await sql.execute("UPDATE blob_deletions SET since = now()")
            await cleanup.clean_once(uploads._pool, uploads)
            assert await stored(uploads) == {"directory": 0, "s3": 4}

            assert await storage.move(of_operator, "directory", decrypt=True) == 0
            assert await hashes() == before
            async with database.connect() as sql:
                assert (
                    await sql.fetchval("SELECT count(*) FROM blobs WHERE store = 's3' OR sealed_key IS NOT NULL") == 0
                )
            assert await storage.move(of_operator, "s3") == 0

            of_operator = of_operator.model_copy(
                update={"storage": of_operator.storage.model_copy(update={"encryption_key": None})}
            )
            with pytest.raises(CommandError, match="encryption_key is not set"):
                await storage.move(of_operator, "directory")
            assert await hashes() == before


async def stopped_in_the_middle(of_operator: Settings, at: int) -> None:
    """`storage move`, ended before the database hears of blob number `at`, whose bytes are in the new store."""

    class Killed(BaseException):
        pass

    whole, calls = storage.BLOB_MOVE, 0

    class Dying:
        async def value(self, *arguments: Any, **values: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == at:
                raise Killed
            return await whole.value(*arguments, **values)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(storage, "BLOB_MOVE", Dying())
        with pytest.raises(Killed):
            await storage.move(of_operator, "s3")


async def test_a_damaged_file_is_not_moved(
    database: Database, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with s3.nanio(tmp_path / "nanio") as bucket:
        given: dict[str, Any] = {"directory": tmp_path / "files", **in_bucket(bucket)}
        async with served(settings(database.chat_url, keys, storage=given)) as (server, uploads):
            ada = await server.sign_up()
            await upload(ada)
            (path,) = [path for path in (tmp_path / "files" / "blobs").rglob("*") if path.is_file()]
            path.write_bytes(bytes(len(DATA)))
            of_operator = Settings.model_validate({"database": {"url": database.url}, "storage": given})
            assert await storage.move(of_operator, "s3") == 1
            first, last = capsys.readouterr().out.splitlines()[-2:]
            assert first.endswith(f"has other bytes than were uploaded; a blob of workspace {ada.workspace}")
            assert last == "0 moved to s3, 1 left, of which 1 are missing or damaged"
            assert await stored(uploads) == {"directory": 1, "s3": 0}


async def test_bytes_that_took_too_long_make_no_file(database: Database, keys: Path, tmp_path: Path) -> None:
    """Their key has left the queue for deletion before they were used: they are gone."""
    async with served(settings(database.chat_url, keys, storage={"directory": tmp_path / "files"})) as (
        server,
        uploads,
    ):
        ada = await server.sign_up()
        begun = await uploads.begin(ada.id, ada.workspace, "a", 5)
        await uploads.receive(begun, pieces(b"hello"))
        put = uploads.blobs.put

        async def slowly(*arguments: Any) -> None:
            await put(*arguments)
            async with database.connect() as sql:
                await sql.execute("UPDATE blob_deletions SET since = now()")
            await cleanup.clean_once(uploads._pool, uploads)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(uploads.blobs, "put", slowly)
            with pytest.raises(Problem, match="storage_unavailable"):
                await uploads.finish(begun)
        assert not begun.finished


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def test_a_key_of_two_workspaces_moves_once_and_a_kill_leaves_no_copy(
    database: Database, keys: Path, tmp_path: Path, master: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = {"directory": tmp_path / "files"}
    async with served(settings(database.chat_url, keys, storage=given)) as (server, uploads):
        ada, eve = await server.sign_up("Ada"), await server.sign_up("Eve")
        await upload(ada)
        async with database.connect() as sql:
            await sql.execute(
                "INSERT INTO blobs (workspace_id, sha256, size, key) SELECT $1, sha256, size, key FROM blobs",
                eve.workspace,
            )
        of_operator = Settings.model_validate(
            {"database": {"url": database.url}, "storage": {**given, "encryption_key": master}}
        )
        put, sources = Blobs.put, list[Path]()

        async def killed_meanwhile(blobs: Blobs, blob: Blob, source: Path) -> None:
            await put(blobs, blob, source)
            sources.append(source)
            assert source.stat().st_mode & 0o077 == 0
            await uploads.blobs.discard_leftovers(before=time.time() + 60)
            assert not source.exists()

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Blobs, "put", killed_meanwhile)
            assert await storage.move(of_operator, "directory") == 0
        assert len(sources) == 1
        last = capsys.readouterr().out.splitlines()[-1]
        assert last == "1 moved to directory, 0 left, of which 0 are missing or damaged"
        async with database.connect() as sql:
            assert (
                await sql.fetchval("SELECT count(DISTINCT (key, sealed_key)) FROM blobs WHERE sealed_key IS NOT NULL")
                == 1
            )
