"""Uploads and previews under kills of chat_server, and the count of what was acknowledged and is lost.

`test_kills.py` runs it for a few kills, `make kills-files KILLS=50` for as many as one likes.

People upload files in parts, give some uploads up, post some files and delete some messages, while the server is killed
with SIGKILL and started again. What has been acknowledged has to be there: bytes of an upload after a kill, and a file
with all its bytes in the end, with its previews. When everything has ended or expired, the store must have what the
database says, and nothing else.
"""

import asyncio
import hashlib
import io
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from fechatter_client import File, Problem, Unreachable, UploadState
from PIL import Image

from chat_core.database.pool import open_pool
from chat_core.settings import Database as DatabaseSettings
from chat_core.settings import Settings
from chat_core.storage import open_storage
from chat_server.files import cleanup
from chat_server.files.uploads import Uploads
from tests.end_to_end.system import Person, System

PART_BYTES = 40_000
PATIENCE_SECONDS = 120

T = TypeVar("T")


@dataclass
class Outcome:
    """Amounts of files. `lost`: acknowledged, and not there or with other bytes. `shrunk`: uploads that had fewer bytes
    after a kill than were acknowledged. `unseen`: pictures without previews. `left_over`: keys in the store or staged,
    rows and counted bytes to which nothing refers once everything has ended."""

    kills: int
    acknowledged: int
    given_up: int
    deleted: int
    lost: int
    shrunk: int
    unseen: int
    left_over: int
    seconds: float

    def clean(self) -> bool:
        return not (self.lost or self.shrunk or self.unseen or self.left_over)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in {self.seconds:.0f} s: {self.acknowledged} files acknowledged, {self.deleted} of "
            f"them deleted, {self.given_up} uploads given up; {self.lost} lost, {self.shrunk} uploads shrunk, "
            f"{self.unseen} pictures without previews, {self.left_over} left over"
        )


@dataclass
class World:
    """`kept` are the files that are acknowledged and not deleted, with the SHA-256 of their bytes."""

    system: System
    folder: Path
    people: list[Person]
    chance: random.Random
    kept: dict[int, str] = field(default_factory=dict)
    pictures: set[int] = field(default_factory=set)
    acknowledged: int = 0
    given_up: int = 0
    deleted: int = 0
    shrunk: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def upload_on(self, person: Person, stop: asyncio.Event) -> None:
        """One file after the other until told to stop."""
        chat = (await again(lambda: person.chats.create("PrivateChannel", name=f"files of {person.id}"))).id
        while not stop.is_set():
            is_picture = self.chance.random() < 0.5
            content = picture(self.chance) if is_picture else self.chance.randbytes(self.chance.randrange(1, 200_000))
            file = await self._upload(person, content)
            if file is None:
                self.given_up += 1
                continue
            self.acknowledged += 1
            async with self.news:
                self.news.notify_all()
            self.kept[file.id] = hashlib.sha256(content).hexdigest()
            if is_picture:
                self.pictures.add(file.id)
            if self.chance.random() < 0.3:
                await self._post_and_delete(person, chat, file.id)
            elif self.chance.random() < 0.7:
                await again(lambda file=file: person.messages.post(chat, files=[file.id]))  # type: ignore[misc]

    async def _upload(self, person: Person, content: bytes) -> File | None:
        """None if it is given up, in which case the server may learn of it or not."""
        state = await again(lambda: person.files.begin(person.workspace, len(content), "a"))
        while state.file_id is None:
            if self.chance.random() < 0.03:
                if self.chance.random() < 0.5:
                    with suppress(Problem, Unreachable):
                        await person.files.end(state.id)
                return None
            part = content[state.received : state.received + PART_BYTES]
            state = await self._appended(person, state, part)
        known: File = await again(lambda: person.files.get(state.file_id or 0))
        return known

    async def _appended(self, person: Person, state: UploadState, part: bytes) -> UploadState:
        with suppress(Problem, Unreachable):
            return await person.files.append(state, part)
        now: UploadState = await again(lambda: person.files.state(state.id))
        self.shrunk += now.received < state.received
        return now

    async def _post_and_delete(self, person: Person, chat: int, file: int) -> None:
        """From here on it does not matter whether it is there."""
        del self.kept[file]
        self.pictures.discard(file)
        self.deleted += 1
        with suppress(Problem, Unreachable):
            message = await person.messages.post(chat, files=[file])
            await person.messages.delete(chat, message.id)

    async def kill(self, *, previewing: bool) -> None:
        """In the middle of uploads; `previewing`: once the process that makes previews is at work."""
        enough = self.acknowledged + self.chance.randrange(1, 5)
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with self.news:
                await self.news.wait_for(lambda: self.acknowledged >= enough)
            if previewing:
                async with self.system.sql() as sql:
                    before = await sql.fetchval("SELECT count(*) FROM previews")
                    while await sql.fetchval("SELECT count(*) FROM previews") == before:
                        pass
        await asyncio.sleep(self.chance.uniform(0, 0.3))
        await self.system.chat.kill()
        await self.system.chat.start()
        async with self.system.sql() as sql:  # what it was looking at would be due in some minutes
            await sql.execute("UPDATE file_looks SET due_at = now(), tries = 0")

    async def lost(self) -> int:
        return sum([await self._is_lost(file, digest) for file, digest in self.kept.items()])

    async def _is_lost(self, file: int, digest: str) -> bool:
        for person in self.people:
            with suppress(Problem):
                return hashlib.sha256(await person.files.fetch(file)).hexdigest() != digest
        return True

    async def unseen(self) -> int:
        """Once nothing is being looked at any more."""
        async with asyncio.timeout(PATIENCE_SECONDS), self.system.sql() as sql:
            while await sql.fetchval("SELECT count(*) FROM file_looks"):
                pass
            seen = await sql.fetchval(
                "SELECT count(DISTINCT f.id) FROM files f JOIN previews USING (workspace_id, sha256) "
                "WHERE f.id = ANY ($1) AND f.state = 'ready'",
                list(self.pictures),
            )
        return len(self.pictures) - int(seen)

    async def left_over(self) -> int:
        """After the clean-up: first with the files that are in use, then with nothing."""
        pool = await open_pool(DatabaseSettings.model_validate({"url": self.system.owner_url}), "fechatter test")
        try:
            configured = Settings.model_validate({"storage": {"directory": self.folder}})
            blobs, staging = open_storage(configured)
            uploads = Uploads(pool, configured.storage, staging, blobs)
            await pool.execute("UPDATE uploads SET expires_at = now() - interval '1 s'")
            await pool.execute("UPDATE blob_deletions SET since = now()")
            await cleanup.clean_once(pool, uploads)
            strays = await cleanup.strays(pool, blobs, staging, older_than=-60)
            missing = await pool.fetchval(
                "SELECT count(*) FROM (SELECT key FROM blobs UNION ALL SELECT key FROM previews) stored "
                "WHERE key <> ALL ($1::uuid[])",
                [stored.key async for stored in blobs.stores["directory"].stored()],
            )
            await pool.execute("DELETE FROM workspaces")
            await pool.execute("UPDATE blob_deletions SET since = now()")
            await cleanup.clean_once(pool, uploads)
            rows = await pool.fetchval(
                "SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM blobs) + (SELECT count(*) FROM uploads) "
                "+ (SELECT count(*) FROM blob_deletions) + (SELECT count(*) FROM storage_usage WHERE bytes > 0)"
            )
            stored = len([stored async for stored in blobs.stores["directory"].stored()])
            return len(strays) + int(missing) + int(rows) + stored + len(await staging.uploads())
        finally:
            await pool.close()


def picture(chance: random.Random) -> bytes:
    made = io.BytesIO()
    size = chance.randrange(50, 250), chance.randrange(50, 250)
    Image.frombytes("RGB", size, chance.randbytes(3 * size[0] * size[1])).save(made, "JPEG", quality=30)
    return made.getvalue()


async def again(call: Callable[[], Awaitable[T]]) -> T:
    """The result, once the server answers."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await call()
            except Unreachable:
                pass
            except Problem as error:
                if error.status not in (423, 503):
                    raise
            await asyncio.sleep(0.02)


async def run(world: World, kills: int, report: Callable[[str], None] = lambda _: None) -> Outcome:
    started, stop = time.monotonic(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for person in world.people:
            group.create_task(world.upload_on(person, stop))
        for number in range(kills):
            await world.kill(previewing=number % 2 == 0)
            if number % 10 == 9:
                report(f"{number + 1} of {kills} kills, {world.acknowledged} files acknowledged")
        stop.set()
    unseen, lost = await world.unseen(), await world.lost()
    await world.system.chat.stop()
    left_over = await world.left_over()
    return Outcome(
        kills=kills,
        acknowledged=world.acknowledged,
        given_up=world.given_up,
        deleted=world.deleted,
        lost=lost,
        shrunk=world.shrunk,
        unseen=unseen,
        left_over=left_over,
        seconds=time.monotonic() - started,
    )
