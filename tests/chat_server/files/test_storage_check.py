"""`fechatter storage check` finds what is wrong with the bytes of files."""

import os
from pathlib import Path
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from chat_core.database.pool import Connection
from chat_core.settings import Settings
from fechatter.commands.storage import check
from tests.chat_server.people import Person, chat_server_on, ok, problem, settings
from tests.support.postgres import Database


async def upload(person: Person, data: bytes) -> int:
    path = f"/api/workspaces/{person.workspace}/files"
    return int(ok(await person.api.post(path, params={"name": "a.txt"}, content=data), 201)["id"])


async def lost(sql: Connection) -> list[int]:
    """What operators are shown."""
    return [row["id"] for row in await sql.fetch("SELECT id FROM ops.files WHERE lost_at IS NOT NULL ORDER BY id")]


async def test_it_finds_what_is_missing_damaged_and_left_over(
    database: Database, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "files"
    async with chat_server_on(settings(database.chat_url, keys, storage={"directory": folder})) as server:
        ada = await server.sign_up("Ada")
        ids = [await upload(ada, data) for data in (b"missing", b"changed", b"shorter", b"whole")]
    of_operator = Settings.model_validate({"database": {"url": database.url}, "storage": {"directory": folder}})
    capsys.readouterr()
    assert await check(of_operator) == 0
    assert capsys.readouterr().out == "4 checked: 0 missing or damaged, 0 left over\n"

    async with database.connect() as sql:
        stored: dict[bytes, UUID] = {}
        for row in await sql.fetch("SELECT key FROM blobs"):
            stored[place(folder, row["key"]).read_bytes()] = row["key"]
    place(folder, stored[b"missing"]).unlink()
    place(folder, stored[b"changed"]).write_bytes(b"changes")
    place(folder, stored[b"shorter"]).write_bytes(b"short")
    stray = place(folder, UUID(int=1))
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"left over")
    os.utime(stray, (0, 0))
    assert await check(of_operator) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines.pop() == "4 checked: 3 missing or damaged, 1 left over"
    assert {Path(path).name: said for path, _, said in (line.partition(": ") for line in lines)} == {
        stored[b"missing"].hex: f"missing; a blob of workspace {ada.workspace}; of file {ids[0]}",
        stored[
            b"changed"
        ].hex: f"has other bytes than were uploaded; a blob of workspace {ada.workspace}; of file {ids[1]}",
        stored[
            b"shorter"
        ].hex: f"has 5 bytes where 7 are expected; a blob of workspace {ada.workspace}; of file {ids[2]}",
        UUID(int=1).hex: "nothing in the database refers to it; it may be deleted",
    }
    async with database.connect() as sql:
        assert await lost(sql) == ids[:3]
        # What has come back is found to be there.
        place(folder, stored[b"changed"]).write_bytes(b"changed")
        assert await check(of_operator) == 1
        assert await lost(sql) == [ids[0], ids[2]]


async def test_a_file_whose_bytes_are_lost_says_so_and_is_mended_by_another_upload(
    database: Database, keys: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    async with chat_server_on(settings(database.chat_url, keys, storage={"directory": folder})) as server:
        ada, bob = await server.team("Ada", "Bob")
        file, again = await upload(ada, b"missing"), await upload(ada, b"missing")
        async with database.connect() as sql:
            stored = place(folder, await sql.fetchval("SELECT key FROM blobs"))
            stored.unlink()
            with capture_logs() as logged:
                for one in (file, file, again):
                    answer = await ada.api.get(f"/api/files/{one}")
                    problem(answer, 410, "file_lost")
                    assert answer.headers["cache-control"] == "no-store"  # browsers may keep a 410
            said = [entry["file_ids"] for entry in logged if entry["event"] == "file lost"]
            assert (said, await lost(sql)) == ([[file, again]], [file, again])
            problem(await bob.api.get(f"/api/files/{file}"), 404, "not_found")
            # Bytes that are there again are read as ever.
            stored.write_bytes(b"missing")
            assert (await ada.api.get(f"/api/files/{file}")).content == b"missing"
            assert await lost(sql) == []
            # Shorter ones are refused before the first of them.
            stored.write_bytes(b"miss")
            problem(await ada.api.get(f"/api/files/{again}"), 410, "file_lost")
            newest = await upload(ada, b"missing")
            for one in (file, again, newest):
                assert (await ada.api.get(f"/api/files/{one}")).content == b"missing"
            assert await lost(sql) == []
            assert await sql.fetchval("SELECT count(*) FROM blobs") == 1
            # A folder that is not there has lost nothing.
            (folder / "blobs").rename(folder / "elsewhere")
            answer = await ada.api.get(f"/api/files/{file}")
            problem(answer, 503, "storage_unavailable")
            assert (answer.headers["retry-after"], await lost(sql)) == ("10", [])


def place(folder: Path, key: UUID) -> Path:
    return folder / "blobs" / key.hex[:2] / key.hex[2:4] / key.hex
