"""From bytes that arrive to a file.

An upload has a row, which reserves its size, before its first byte is stored. Bytes count in `uploads.received` once
they are on disk, so an upload resumes after any cut of the connection or the server. When all are there they are put
into the store, and only then one transaction makes the file. Whatever a crash leaves between these steps belongs to an
upload that expires.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import structlog
from anyio import CancelScope, to_thread

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import QUOTA_EXCEEDED, Problem, from_database
from chat_core.settings import Storage
from chat_core.storage import Blobs, Part, Staging, StoreUnavailable, UploadBusy
from chat_server.files.looking import Looks
from chat_server.files.names import clean
from chat_server.files.new_blobs import DAY_SECONDS, new_blobs
from chat_server.files.stripping import Unstrippable, strip
from chat_server.files.types import sniff

# Bytes that a crash of this server may lose of a running request: the client sends them again.
CHECKPOINT_BYTES: Final = 8_388_608
# Written at a time.
WRITE_BYTES: Final = 262_144

FILE_BY_ID = query("file_by_id", "file")
UPLOAD_BEGIN = query("upload_begin", "user", "workspace", "name", "size", "seconds")
UPLOAD_END = query("upload_end", "upload", "user")
UPLOAD_FINISH = query("upload_finish", "upload", "sha256", "type", "begins_as", "key", "store", "sealed_key")
UPLOAD_OF = query("upload_of", "upload", "user")
UPLOAD_STATE = query("upload_state", "upload")
UPLOAD_RECEIVED = query("upload_received", "upload", "received", "seconds")

_log = structlog.get_logger()


@dataclass(slots=True)
class Upload:
    """`received` of `size` bytes are on disk. `file_id` is set once it has become a file."""

    id: UUID
    size: int
    received: int
    expires_at: datetime
    file_id: int | None = None
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Checksum:
    """`hasher` is fed with the body, whose digest must be the expected one."""

    hasher: "hashlib._Hash"
    expected: bytes


class Uploads:
    """Methods raise Problem, and what the database raises."""

    def __init__(
        self,
        pool: Pool,
        settings: Storage,
        staging: Staging,
        blobs: Blobs,
        looks: Looks | None = None,
        *,
        strip_originals: bool = False,
    ) -> None:
        """`looks`: None if files are neither scanned nor looked at."""
        self._pool, self._settings, self.staging, self.blobs, self._looks = pool, settings, staging, blobs, looks
        self._strip_originals = strip_originals

    async def begin(self, person: int, workspace: int, name: str, size: int) -> Upload:
        """Refuses what is too large or exceeds a quota before any byte is sent."""
        most = self._settings.file_bytes
        if most and size > most:
            raise too_large(most)
        seconds = self._settings.upload_seconds
        try:
            begun = await UPLOAD_BEGIN.row(
                self._pool, user=person, workspace=workspace, name=clean(name), size=size, seconds=seconds
            )
        except asyncpg.PostgresError as error:
            raise _of_quota(error) or error from None
        if begun is None:
            raise Problem(404, "not_found", "There is no such workspace, or you are not in it.")
        return Upload(begun["id"], size, 0, begun["expires_at"])

    @asynccontextmanager
    async def ended_on_failure(self, person: int, upload: Upload) -> AsyncIterator[None]:
        """For a request that begins an upload: until it is answered, nobody knows of it who could resume it."""
        try:
            yield
        except BaseException:
            with CancelScope(shield=True):
                await self.end(person, upload)
            raise

    async def of(self, person: int, upload: UUID) -> Upload:
        """An upload of this person."""
        row = await UPLOAD_OF.row(self._pool, upload=upload, user=person)
        if row is None:
            raise Problem(404, "not_found", "There is no such upload, or it has expired.")
        return Upload(**row)

    async def receive(self, upload: Upload, body: AsyncIterator[bytes], checksum: Checksum | None = None) -> None:
        """Appends the body. Bytes that arrived before an error, such as a client that leaves, are kept; with a checksum
        none are, unless all match it."""
        async with self._locked(upload) as part:
            await self._append(upload, part, body, checksum)

    async def _append(self, upload: Upload, part: Part, body: AsyncIterator[bytes], checksum: Checksum | None) -> None:
        expected = upload.received
        await self._read_again(upload)
        if upload.finished or upload.received != expected:
            raise wrong_offset(upload.received, expected)
        await part.begin_at(expected)
        arrived, counted, waiting = expected, expected, bytearray()
        try:
            async for piece in body:
                if arrived + len(waiting) + len(piece) > upload.size:
                    raise Problem(413, "body_too_large", f"The upload has {upload.size} bytes, and no more.")
                waiting += piece
                if checksum:
                    checksum.hasher.update(piece)
                if len(waiting) >= WRITE_BYTES:
                    await part.write(bytes(waiting))
                    arrived += len(waiting)
                    waiting.clear()
                if arrived - counted >= CHECKPOINT_BYTES and checksum is None:
                    await part.sync()
                    await self._count(upload, arrived)
                    counted = arrived
        except StoreUnavailable:
            waiting.clear()  # how many of them are on disk is not known: the client sends them again
            raise
        finally:
            if checksum is None:
                await self._keep(upload, part, waiting, arrived)
        if checksum is not None:
            if checksum.hasher.digest() != checksum.expected:
                raise Problem(460, "checksum_mismatch", "The body does not match Upload-Checksum.")
            await self._keep(upload, part, waiting, arrived)

    @asynccontextmanager
    async def _locked(self, upload: Upload) -> AsyncIterator[Part]:
        try:
            async with self.staging.locked(upload.id) as part:
                yield part
        except UploadBusy:
            raise Problem(
                423, "upload_busy", "Another request is writing to this upload.", headers={"Retry-After": "1"}
            ) from None
        except StoreUnavailable as error:
            raise unavailable(error) from error

    async def _read_again(self, upload: Upload) -> None:
        """What the row says under the lock."""
        row = await UPLOAD_STATE.row(self._pool, upload=upload.id)
        if row is None:
            await self.staging.discard(upload.id)
            raise Problem(410, "upload_ended", "This upload has ended or expired; begin another one.")
        upload.received, upload.finished, upload.file_id = row["received"], row["finished"], row["file_id"]
        if upload.finished:
            await self.staging.discard(upload.id)

    async def _keep(self, upload: Upload, part: Part, waiting: bytearray, arrived: int) -> None:
        if waiting:
            await part.write(bytes(waiting))
        await part.sync()
        await self._count(upload, arrived + len(waiting))

    async def _count(self, upload: Upload, received: int) -> None:
        seconds = self._settings.upload_seconds
        expires_at = await UPLOAD_RECEIVED.value(self._pool, upload=upload.id, received=received, seconds=seconds)
        if expires_at is None:
            raise Problem(410, "upload_ended", "This upload has ended or expired; begin another one.")
        upload.received, upload.expires_at = received, expires_at

    async def finish(self, upload: Upload) -> str:
        """The JSON of the file, once all bytes are there. Repeating it gives the same file."""
        if not upload.finished:
            async with self._locked(upload):
                await self._read_again(upload)
                if not upload.finished:
                    await self._make_file(upload)
        shown: str | None = await FILE_BY_ID.value(self._pool, file=upload.file_id)
        if shown is None:
            raise Problem(410, "upload_ended", "The file of this upload has been deleted.")
        return shown

    async def _make_file(self, upload: Upload) -> None:
        digest = await self.staging.digest(upload.id)
        if digest.size != upload.size:
            raise StoreUnavailable(f"{upload.size} bytes were received, and {digest.size} are there")
        media_type = sniff(digest.head)
        if self._strip_originals and await self._stripped(upload, media_type):
            digest = await self.staging.digest(upload.id)
        (blob,) = await new_blobs(self._pool, self.blobs, [digest.size], seconds=DAY_SECONDS)
        await self.blobs.put(blob, self.staging.path(upload.id))
        state = "ready" if self._looks is None else self._looks.first_state(media_type)
        try:
            upload.file_id = await UPLOAD_FINISH.value(
                self._pool,
                upload=upload.id,
                sha256=digest.sha256,
                type=media_type,
                begins_as=state,
                key=blob.key,
                store=blob.store,
                sealed_key=blob.sealed_key,
            )
        except asyncpg.ObjectNotInPrerequisiteStateError as error:
            raise StoreUnavailable(str(error)) from error
        except asyncpg.PostgresError as error:
            raise _of_quota(error) or error from None
        upload.finished = True
        if self._looks is not None and state != "ready":
            self._looks.soon()
        await self.staging.discard(upload.id)

    async def _stripped(self, upload: Upload, media_type: str) -> bool:
        """Whether something may have been removed; the bytes are on disk again then."""
        try:
            return await to_thread.run_sync(strip, self.staging.path(upload.id), media_type)
        except Unstrippable as error:
            _log.info("metadata cannot be removed", upload=str(upload.id), type=media_type, error=str(error))
            detail = "This server removes what cameras write into pictures and videos, but this one is damaged."
            raise Problem(422, "metadata_not_removable", detail) from error
        except OSError as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error

    async def end(self, person: int, upload: Upload) -> None:
        """Ends it, and releases what it has reserved; a file that it has become stays."""
        await UPLOAD_END.value(self._pool, upload=upload.id, user=person)


def _of_quota(error: asyncpg.PostgresError) -> Problem | None:
    problem = from_database(error)
    if problem is None or problem.code != QUOTA_EXCEEDED:
        return None
    return Problem(507, problem.code, problem.detail, extra=problem.extra)


def wrong_offset(received: int, given: int) -> Problem:
    detail = f"The upload has {received} bytes, and this begins at {given}."
    return Problem(409, "wrong_offset", detail, headers={"Upload-Offset": str(received)})


def too_large(most: int) -> Problem:
    return Problem(413, "file_too_large", f"A file can have at most {most} bytes.", extra={"allowed": most})


def unavailable(error: StoreUnavailable) -> Problem:
    return Problem(
        503,
        "storage_unavailable",
        "Files cannot be stored or read right now; try again shortly.",
        headers={"Retry-After": "10"},
    )
