"""`fechatter storage check` finds what is wrong with the bytes of files."""

import os
from pathlib import Path
from uuid import UUID

import pytest

from chat_core.settings import Settings
from fechatter.commands.storage import check
from tests.chat_server.people import Person, chat_server_on, ok, settings
from tests.support.postgres import Database


async def upload(person: Person, data: bytes) -> None:
    path = f"/api/workspaces/{person.workspace}/files"
    ok(await person.api.post(path, params={"name": "a.txt"}, content=data), 201)


async def test_it_finds_what_is_missing_damaged_and_left_over(
    database: Database, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "files"
    async with chat_server_on(settings(database.chat_url, keys, storage={"directory": folder})) as server:
        ada = await server.sign_up("Ada")
        for data in (b"missing", b"changed", b"shorter", b"whole"):
            await upload(ada, data)
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
        stored[b"missing"].hex: f"missing; a blob of workspace {ada.workspace}",
        stored[b"changed"].hex: f"has other bytes than were uploaded; a blob of workspace {ada.workspace}",
        stored[b"shorter"].hex: f"has 5 bytes where 7 are expected; a blob of workspace {ada.workspace}",
        UUID(int=1).hex: "nothing in the database refers to it; it may be deleted",
    }


def place(folder: Path, key: UUID) -> Path:
    return folder / "blobs" / key.hex[:2] / key.hex[2:4] / key.hex
