"""A backup is taken while people write, and put back: they start anew from what it has."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.command.command import fechatter
from tests.end_to_end.system import System
from tests.support.postgres import ROOT, execute


@pytest.fixture
async def forget_kept(system: System, postgres: EmbeddedPostgres) -> AsyncIterator[None]:
    """What a restore keeps of before goes with the test."""
    yield
    name = system.owner_url.partition("?")[0].rpartition("/")[2]
    connection = await asyncpg.connect(postgres.dsn())
    kept = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE $1", f"{name}\\_%")
    await connection.close()
    for row in kept:
        await execute(postgres, f"DROP DATABASE {row['datname']} WITH (FORCE)")


@pytest.mark.system
async def test_a_backup_is_restored_and_cursors_of_before_get_a_reset(
    system: System, forget_kept: None, tmp_path: Path
) -> None:
    place = {"FECHATTER_DATABASE__URL": system.owner_url}
    document = (ROOT / "docs" / "operations" / "backup.md").read_text()
    backup, restore, grant = re.findall(r"^\$ fechatter (.+)$", document, re.MULTILINE)
    file = tmp_path / "chat.dump"
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    await ada.messages.post(chat, "kept")
    taken = fechatter(tmp_path, *backup.split(), **place)
    assert taken.returncode == 0, taken.stderr
    assert re.fullmatch(r"chat\.dump: \d+ tables, \d+ bytes, sha256 [0-9a-f]{64}\n", taken.stdout)
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert os.listdir(tmp_path) == ["chat.dump"]
    async with ada.listen() as stream:
        await ada.messages.post(chat, "lost")
        await stream.until_kind("NewMessage")
        cursor = stream.cursor
    refused = fechatter(tmp_path, *restore.split(), **place)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "servers are connected to the database" in refused.stderr

    await system.forget_people()
    await system.chat.stop()
    await system.notify.stop()
    restored = fechatter(tmp_path, *restore.split(), **place)
    assert restored.returncode == 0, restored.stderr
    assert "every client starts from a fresh snapshot" in restored.stderr
    roles = fechatter(ROOT, *grant.split(), **place)
    assert roles.returncode == 0, roles.stderr
    await system.chat.start()
    await system.notify.start()

    again = await system.sign_in(ada)
    async with again.listen(cursor) as stream:
        assert (await stream.until_kind("reset")).data["reason"] == "epoch_changed"
    assert [message.content async for message in again.messages.newest(chat)] == ["kept"]
    await again.messages.post(chat, "goes on")


def test_a_backup_that_is_cut_or_is_none_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "no.dump").write_bytes(b"PGDMP")
    for file, said in (("no.dump", "pg_restore failed: "), ("not.dump", "there is no file not.dump")):
        done = fechatter(tmp_path, "restore", file, FECHATTER_DATABASE__URL="postgresql://nobody@127.0.0.1:1/none")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"fechatter: {said}")
