"""A disk that is full: an upload is refused, to be tried again, and what was acknowledged is still there."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from chat_core.storage import Directory, StoreUnavailable
from tests.chat_server.files.test_uploads import BODY, TUS, begin, offset
from tests.chat_server.people import chat_server_on, ok, problem, settings
from tests.support.postgres import Database

DISK_BYTES = 2 * 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(mounted)]
    if subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("a file system can be mounted only by root, where containers allow it")
    yield mounted
    subprocess.run(["umount", str(mounted)], check=True)


async def test_an_upload_to_a_full_disk_is_to_be_tried_again(database: Database, keys: Path, small_disk: Path) -> None:
    async with chat_server_on(settings(database.chat_url, keys, storage={"directory": small_disk})) as server:
        ada = await server.sign_up()
        chat = await ada.chat()
        path = f"/api/workspaces/{ada.workspace}/files"
        kept = ok(await ada.api.post(path, params={"name": "kept"}, content=b"k" * 500_000), 201)["id"]
        full = await ada.api.post(path, params={"name": "x"}, content=bytes(3_000_000))
        problem(full, 503, "storage_unavailable")
        assert int(full.headers["retry-after"]) > 0
        upload = await begin(ada, 3_000_000)
        part = {**BODY, "Upload-Offset": "0"}
        problem(await ada.api.patch(upload, headers=part, content=bytes(3_000_000)), 503, "storage_unavailable")
        received = await offset(ada, upload)
        disk = os.statvfs(small_disk)
        assert disk.f_bavail * disk.f_frsize >= DISK_BYTES * 0.05  # PostgreSQL may be on it, too
        await ada.say(chat, "chat goes on")
        assert (await ada.api.get(f"/api/files/{kept}")).content == b"k" * 500_000

        ok(await ada.api.delete(upload, headers=TUS), 204)
        async with database.connect() as sql:
            stored = "SELECT sum(bytes) FROM storage_usage WHERE kind IN ('files', 'uploads')"
            assert await sql.fetchval(stored) == 500_000
        assert received < DISK_BYTES  # what is on disk need not be sent again


async def test_the_store_keeps_the_reserve_too(small_disk: Path) -> None:
    """Nothing is put once PostgreSQL has taken some of the reserve; without a reserve it is."""
    source = small_disk / "source"
    source.write_bytes(bytes(int(DISK_BYTES * 0.97)))
    with pytest.raises(StoreUnavailable, match="kept free"):
        await Directory(small_disk / "blobs", 2**30).put(uuid4(), source)
    await Directory(small_disk / "blobs").put(uuid4(), source)
