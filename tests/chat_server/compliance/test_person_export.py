"""A person's data as a zip: made off the event loop, of a bounded size, and kept in few files until it is fetched."""

import asyncio
import threading
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest

from chat_core.problems import Problem
from chat_core.storage import Blob, Blobs, open_storage
from chat_server.compliance.person_export import write_person
from chat_server.parts.exports import MOST_FILES, Exports
from chat_server.routes.administration import people_data
from tests.chat_server.compliance.test_deletion import FEATURES, ON
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, problem, settings
from tests.support.postgres import Database

TEXT = b"a plan of a mill, " * 20_000


async def _upload(person: Person, name: str, content: bytes) -> None:
    path = f"/api/workspaces/{person.workspace}/files"
    ok(await person.api.post(path, params={"name": name}, content=content), 201)


async def test_it_is_compressed_in_threads_and_bytes_are_read_outside_the_snapshot(
    database: Database, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = settings(database.chat_url, keys, storage={"directory": tmp_path / "files"}, features=FEATURES)
    write, threads = zipfile._ZipWriteFile.write, set()  # type: ignore[attr-defined]

    def noted(entry: Any, data: bytes) -> Any:
        threads.add(threading.get_ident())
        return write(entry, data)

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", noted)  # type: ignore[attr-defined]
    async with chat_server_on(configured) as server:
        ada = await server.sign_up("Ada")
        for number in range(3):
            await _upload(ada, f"plan {number}.txt", b"%d" % number + TEXT)
    blobs, _ = open_storage(configured)
    asked = 0

    class Watched:
        async def read(self, blob: Blob, start: int, length: int) -> AsyncIterator[bytes]:
            nonlocal asked
            asked += 1
            assert not connection.is_in_transaction(), "a transaction that waits for a store is ended after 30 s"
            return await blobs.read(blob, start, length)

    monkeypatch.setattr("chat_server.compliance.person_export.ROWS", 2)
    async with database.connect() as sql:
        connection = sql
        await write_person(connection, cast("Blobs", Watched()), file := BytesIO(), ada.id)
    assert threads
    assert threading.get_ident() not in threads
    with zipfile.ZipFile(file) as archive:
        found = [archive.read(name) for name in archive.namelist() if name.startswith("files/")]
        assert found == [b"%d" % number + TEXT for number in range(3)]
        assert archive.read("files.jsonl").count(b"\n") == asked == 3
        assert archive.testzip() is None


@ON
async def test_who_has_too_much_is_told_of_the_command(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await chat_server.sign_up("Ada")
    await _upload(ada, "plan.txt", TEXT)
    monkeypatch.setattr(people_data, "MOST_BYTES", len(TEXT))
    refused = problem(await ada.api.get("/api/users/me/export"), 409, "export_too_large")
    assert "fechatter export person" in refused["detail"]
    monkeypatch.setattr(people_data, "MOST_BYTES", 2 * len(TEXT))
    assert (await ada.api.get("/api/users/me/export")).content.startswith(b"PK")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a file that nobody has closed
async def test_there_are_few_files_however_slowly_they_are_fetched() -> None:
    exports = Exports()

    async def refused(asker: int) -> str:
        with pytest.raises(Problem) as raised:
            async with exports.file(asker):
                raise AssertionError
        return raised.value.code

    async with AsyncExitStack() as fetching:
        for asker in range(MOST_FILES):
            async with exports.file(asker) as file:
                file.write(b"x")
            fetching.enter_context(file)
        assert await refused(0) == "rate_limited"
        assert await refused(MOST_FILES) == "overloaded"
    async with exports.file(0) as file:
        pass
    del file  # a response that was never begun
    async with exports.file(0) as file:
        assert await asyncio.to_thread(file.write, b"x") == 1
    with pytest.raises(ZeroDivisionError):
        async with exports.file(1) as failing:
            raise ZeroDivisionError
    assert failing.closed
