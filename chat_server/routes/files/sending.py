"""A file as a response: its headers, conditions and ranges, and its bytes as the store reads them."""

from dataclasses import dataclass
from typing import Any

import structlog
from anyio import to_thread
from asyncpg import Record
from litestar import Response
from litestar.response import Stream

from chat_core.database.queries import query
from chat_core.http.addresses import is_trusted
from chat_core.problems import Problem
from chat_core.storage import Blob, BlobDamaged, BlobMissing, StoreUnavailable
from chat_server.files import ranges
from chat_server.files.names import disposition
from chat_server.files.types import INLINE
from chat_server.files.uploads import unavailable
from chat_server.http import etags
from chat_server.http.api_request import ApiRequest
from chat_server.http.attachments import HARMLESS
from chat_server.http.steps.files_origin import at_files_origin

BYTES_NOTE = query("bytes_note", "blob", "lost")

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of the response: `download` to save it, and the headers of the same names."""

    download: bool
    if_none_match: str | None
    byte_range: str | None
    if_range: str | None


async def sent(request: ApiRequest, file: Record, asked: Asked, *, ours: bool = False) -> Response[Any]:
    """The response with a file that the caller may fetch; `ours` says that this server has made its bytes."""
    etag = f'"{file["sha256"]}"'
    own_origin = at_files_origin(request)
    shown = ours or own_origin or request.parts.settings.storage.public_url is None
    kind = "inline" if shown and file["type"] in INLINE and not asked.download else "attachment"
    headers = {
        **HARMLESS,
        "Cross-Origin-Resource-Policy": "cross-origin" if own_origin else "same-site",
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition(kind, file["name"]),
    }
    if (path := await _path_in_nginx(request, Blob.of(file))) is not None:
        return Response(b"", headers={**headers, "X-Accel-Redirect": path}, media_type=file["type"])
    headers["ETag"] = etag
    if etags.has(asked.if_none_match, etag):
        return Response(b"", status_code=304, headers=headers)
    size = file["size"]
    try:
        wanted = ranges.span(asked.byte_range, asked.if_range, etag, size)
    except ranges.Unsatisfiable:
        return Response(b"", status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, length = (wanted.start, wanted.length) if wanted else (0, size)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    headers["Content-Length"] = str(length)
    status = 206 if wanted else 200
    media_type = file["type"]  # Litestar adds the charset of a text
    if length == 0 or request.scope.get("headed"):
        return Response(b"", status_code=status, headers=headers, media_type=media_type)
    try:
        pieces = await request.parts.uploads.blobs.read(Blob.of(file), start, length)
    except StoreUnavailable as error:
        raise unavailable(error) from error
    except (BlobMissing, BlobDamaged) as error:
        raise await _lost(request, file, error) from error
    if file.get("lost"):
        await _noted(request, file, lost=False)
    return Stream(pieces, status_code=status, headers=headers, media_type=media_type)


async def _lost(request: ApiRequest, file: Record, error: Exception) -> Problem:
    """Logged once, with the files that have these bytes; ops.files shows it until they have been read again."""
    if files := await _noted(request, file, lost=True):
        _log.error("file lost", file_ids=files, key=str(file["key"]), error=f"{type(error).__name__}: {error}")
    detail = "The bytes of this file are lost: its uploader may upload it again."
    return Problem(410, "file_lost", detail, headers={"Cache-Control": "no-store"})


async def _noted(request: ApiRequest, file: Record, *, lost: bool) -> list[int]:
    """The files that have these bytes, if that is news."""
    async with request.change() as connection:
        rows = await BYTES_NOTE.rows(connection, blob=file["key"], lost=lost)
    return [row["file_id"] for row in rows]


async def _path_in_nginx(request: ApiRequest, blob: Blob) -> str | None:
    """Where a proxy of ours finds the bytes, which then answers conditions and ranges as well; None if they are not
    there."""
    parts = request.parts
    internal, path = parts.settings.storage.x_accel_redirect, parts.uploads.blobs.local_path(blob)
    if internal is None or path is None or request.client is None:
        return None
    if not is_trusted(request.client.host, tuple(parts.settings.server.trusted_proxies)):
        return None
    if not await to_thread.run_sync(path.is_file):
        return None
    return internal + "/".join(path.parts[-3:])
