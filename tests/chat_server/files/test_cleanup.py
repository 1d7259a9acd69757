"""What is left of files whose last use has gone, and of uploads that never ended: nothing."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chat_core.database.pool import Pool, open_pool
from chat_core.settings import Settings
from chat_core.storage import Directory, StoreUnavailable, open_storage
from chat_server.files import cleanup
from chat_server.files.uploads import Uploads
from tests.chat_server.files.test_uploads import BODY, DATA, TUS, begin
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, settings
from tests.support.postgres import Database


@dataclass
class Kept:
    """A server, and the clean-up as another server would do it."""

    server: ChatServer
    settings: Settings
    pool: Pool
    uploads: Uploads

    async def clean(self) -> int:
        return await cleanup.clean_once(self.pool, self.uploads)

    async def left(self) -> dict[str, int]:
        """Rows, bytes that count, and what is on disk."""
        counted = await self.pool.fetchrow(
            "SELECT (SELECT count(*) FROM files) AS files, (SELECT count(*) FROM blobs) AS blobs, "
            "(SELECT count(*) FROM blob_deletions) AS queued, "
            "(SELECT coalesce(sum(bytes), 0)::bigint FROM storage_usage WHERE kind IN ('files', 'uploads')) AS bytes"
        )
        assert counted is not None
        stored = [stored async for stored in self.uploads.blobs.stores["directory"].stored()]
        return {**counted, "stored": len(stored), "staged": len(await self.uploads.staging.uploads())}

    async def strays(self) -> int:
        future = cleanup.strays(self.pool, self.uploads.blobs, self.uploads.staging, older_than=-60)
        return len(await future)


@pytest.fixture
async def kept(database: Database, keys: Path, tmp_path: Path) -> AsyncIterator[Kept]:
    configured = settings(database.chat_url, keys, storage={"directory": tmp_path})
    async with chat_server_on(configured) as server:
        pool = await open_pool(configured.database, "test")
        try:
            blobs, staging = open_storage(configured)
            yield Kept(server, configured, pool, Uploads(pool, configured.storage, staging, blobs))
        finally:
            await pool.close()


async def upload(person: Person, name: str = "a", data: bytes = DATA) -> int:
    path = f"/api/workspaces/{person.workspace}/files"
    return int(ok(await person.api.post(path, params={"name": name}, content=data), 201)["id"])


async def test_what_a_kill_leaves_staged_of_a_finished_upload_goes_with_the_upload(kept: Kept) -> None:
    ada = await kept.server.sign_up()
    ok(await ada.api.post(f"/api/chats/{await ada.chat()}/messages", json={"files": [await upload(ada)]}), 201)
    ended = await kept.pool.fetchval("UPDATE uploads SET expires_at = now() - interval '1 s' RETURNING id")
    kept.uploads.staging.path(ended).write_bytes(DATA)
    await kept.clean()
    assert await kept.left() == {"files": 1, "blobs": 1, "queued": 0, "bytes": len(DATA), "stored": 1, "staged": 0}


async def test_bytes_that_move_stay_for_their_readers_also_if_a_copy_has_just_been_deleted(
    kept: Kept, database: Database
) -> None:
    ada = await kept.server.sign_up()
    await upload(ada)
    async with database.connect() as sql, sql.transaction():
        key = await sql.fetchval("SELECT key FROM blobs")
        await sql.execute("INSERT INTO blob_deletions (key) VALUES ($1), (gen_random_uuid())", key)
        new = await sql.fetchval("SELECT key FROM blob_deletions WHERE key <> $1", key)
        assert await sql.fetchval("SELECT move_blob($1, $2, 'directory', NULL)", key, new)
        assert await sql.fetchval("SELECT since > now() + interval '9 minutes' FROM blob_deletions WHERE key = $1", key)


async def test_the_same_bytes_are_stored_once_and_go_with_their_last_use(kept: Kept) -> None:
    ada = await kept.server.sign_up()
    messages = f"/api/chats/{await ada.chat()}/messages"
    files = [await upload(ada, name) for name in ("a", "b", "c")]
    posted = [ok(await ada.api.post(messages, json={"files": [file]}), 201)["id"] for file in files]
    await kept.clean()
    assert await kept.left() == {"files": 3, "blobs": 1, "queued": 0, "bytes": 3 * len(DATA), "stored": 1, "staged": 0}
    for message in posted[:2]:
        ok(await ada.api.delete(f"{messages}/{message}"), 204)
    await kept.clean()
    assert (await ada.api.get(f"/api/files/{files[2]}")).content == DATA
    ok(await ada.api.delete(f"{messages}/{posted[2]}"), 204)
    await kept.clean()
    assert set((await kept.left()).values()) == {0}
    assert await kept.strays() == 0


async def test_a_workspace_and_retention_take_the_bytes_with_them(kept: Kept, database: Database) -> None:
    ada = await kept.server.sign_up()
    space = ok(await ada.api.post("/api/workspaces", json={"name": "Engines"}), 201)["id"]
    ada.workspace = space
    chat = await ada.chat()
    for name in ("old", "new"):
        file = await upload(ada, name, name.encode())
        ok(await ada.api.post(f"/api/chats/{chat}/messages", json={"files": [file]}), 201)
    async with database.connect() as sql:
        await sql.execute("UPDATE chats SET first_seq = 2 WHERE id = $1", chat)
    await kept.clean()
    assert (await kept.left())["stored"] == 1
    ok(await ada.api.delete(f"/api/workspaces/{space}"), 204)
    await kept.clean()
    assert set((await kept.left()).values()) == {0}


async def test_what_never_ended_or_was_never_used_expires(kept: Kept, database: Database) -> None:
    ada = await kept.server.sign_up()
    await upload(ada)
    started = await begin(ada)
    ok(await ada.api.patch(started, headers={**BODY, "Upload-Offset": "0"}, content=DATA[:1000]), 204)
    await kept.clean()
    before = await kept.left()
    assert (before["files"], before["staged"], before["bytes"]) == (1, 1, 2 * len(DATA))
    async with database.connect() as sql:
        await sql.execute("SELECT ops.recount_storage()")
        assert await kept.left() == before
        await sql.execute("UPDATE uploads SET expires_at = now() - interval '1 s'")
    assert (await ada.api.head(started, headers=TUS)).status_code == 404
    await kept.clean()
    assert set((await kept.left()).values()) == {0}


async def test_a_blob_that_is_in_use_is_never_deleted(kept: Kept, database: Database) -> None:
    ada = await kept.server.sign_up()
    file = await upload(ada)
    async with database.connect() as sql:
        await sql.execute("INSERT INTO blob_deletions (key) SELECT key FROM blobs")
    await kept.clean()
    assert (await ada.api.get(f"/api/files/{file}")).content == DATA
    assert (await kept.left())["queued"] == 0


async def test_a_store_that_is_away_keeps_what_is_to_be_deleted_in_the_queue(kept: Kept, database: Database) -> None:
    ada = await kept.server.sign_up()
    ok(await ada.api.delete(f"/api/files/{await upload(ada)}"), 204)

    class Away(Directory):
        async def delete(self, key: object) -> None:
            raise StoreUnavailable("away")

    stores = dict(kept.uploads.blobs.stores)
    kept.uploads.blobs.stores = {"directory": Away(Path("/nowhere"))}
    queued = await kept.pool.fetchval("SELECT count(*) FROM blob_deletions")
    assert await kept.clean() == 0
    assert queued == await kept.pool.fetchval("SELECT count(*) FROM blob_deletions WHERE error = 'away'")
    kept.uploads.blobs.stores = stores
    await kept.clean()
    assert set((await kept.left()).values()) == {0}


async def test_bytes_that_nothing_refers_to_are_found(kept: Kept, tmp_path: Path) -> None:
    ada = await kept.server.sign_up()
    await upload(ada)
    assert await kept.strays() == 0
    stray = tmp_path / "blobs" / "ab" / "cd" / ("abcd" + "0" * 28)
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"x")
    assert await kept.strays() == 1
    assert await cleanup.strays(kept.pool, kept.uploads.blobs, kept.uploads.staging) == []  # not old enough
    assert time.time() - stray.stat().st_mtime < cleanup.STRAY_SECONDS


async def test_bytes_that_were_forwarded_into_another_workspace_stay_until_both_are_gone(kept: Kept) -> None:
    ada, bob = await kept.server.team("Ada", "Bob")
    chat, there = await ada.chat(bob), await bob.chat()
    file = await upload(ada)
    posted = ok(await ada.api.post(f"/api/chats/{chat}/messages", json={"files": [file]}), 201)["id"]
    copy = ok(await bob.api.post(f"/api/chats/{there}/messages", json={"forward_of": posted}), 201)
    brought = copy["files"][0]["id"]
    both = {"files": 2, "blobs": 2, "queued": 0, "bytes": 2 * len(DATA), "stored": 1, "staged": 0}
    assert await kept.left() == both
    ok(await ada.api.delete(f"/api/chats/{chat}/messages/{posted}"), 204)
    assert await kept.clean() == 1
    assert await kept.left() == both | {"files": 1, "blobs": 1, "bytes": len(DATA)}
    assert (await bob.api.get(f"/api/files/{brought}")).content == DATA
    ok(await bob.api.delete(f"/api/chats/{there}/messages/{copy['id']}"), 204)
    await kept.clean()
    assert await kept.left() == dict.fromkeys(both, 0)
