"""Fetching files, and uploading small ones in one request."""

from typing import Annotated, Any, Final

import structlog
from asyncpg import Record
from litestar import Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_core.storage import BlobMissing, StoreUnavailable
from chat_server.files import ranges
from chat_server.files.names import disposition
from chat_server.files.types import INLINE, KNOWN
from chat_server.files.uploads import too_large, unavailable
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, PathId
from chat_server.http.verbatim import created, verbatim
from chat_server.responses.files import File

FILE_DISCARD = query("file_discard", "file", "user")
FILE_SEEN = query("file_seen", "file", "user")

_log = structlog.get_logger()

# The largest body of one request; larger files are uploaded in parts.
LARGEST_AT_ONCE: Final = 8_388_608

# Opened directly it runs nothing, whatever it contains, and no other site may embed it.
HARMLESS: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
}
ANY_TYPE = "application/octet-stream"


def _media_type(kind: str) -> str:
    return "text/plain; charset=utf-8" if kind == "text/plain" else kind


FileName = Annotated[str, QueryParameter(min_length=1, max_length=4096, pattern=ANY_TEXT, description="Its name.")]
Download = Annotated[bool, QueryParameter(description="Save it, also if a browser could show it.")]
Precondition = Annotated[str | None, HeaderParameter(name="If-None-Match", max_length=1000, pattern=ANY_TEXT)]
Range = Annotated[str | None, HeaderParameter(name="Range", max_length=200, pattern=ANY_TEXT)]
IfRange = Annotated[str | None, HeaderParameter(name="If-Range", max_length=200, pattern=ANY_TEXT)]


@post(
    "/workspaces/{workspace_id:int}/files",
    opt={"takes": (ANY_TYPE,), "largest": LARGEST_AT_ONCE, "problems": [413, 507]},
    request_max_body_size=LARGEST_AT_ONCE,
)
async def upload_file(request: ApiRequest, workspace_id: PathId, name: FileName) -> Response[File]:
    """Upload a file of at most 8 MiB: its bytes are the body, of any media type. Use `POST …/uploads` for larger
    ones. Until it is used in a message, only its uploader sees it."""
    uploads = request.parts.uploads
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        wrong = FieldError("header.Content-Length", "the number of bytes of the body")
        raise Problem(400, "validation_failed", f"{wrong.path}: expected {wrong.expected}.", [wrong])
    if int(length) > LARGEST_AT_ONCE:
        raise too_large(LARGEST_AT_ONCE)
    upload = await uploads.begin(request.caller.user_id, workspace_id, name, int(length))
    await uploads.receive(upload, request.stream())
    return created(await uploads.finish(upload), "/api/files")


@get(
    "/files/{file_id:int}",
    opt={"answers": tuple(map(_media_type, KNOWN))},
    responses={
        206: ResponseSpec(None, description="The range that was asked for."),
        304: ResponseSpec(None, description="It matches If-None-Match."),
        416: ResponseSpec(None, description="The range begins beyond the end."),
    },
)
async def fetch_file(
    request: ApiRequest,
    file_id: PathId,
    download: Download = False,
    if_none_match: Precondition = None,
    byte_range: Range = None,
    if_range: IfRange = None,
) -> Response[Any]:
    """The bytes of a file. One may fetch it while one sees a message that has it; access is checked each time."""
    file = await _seen(request, file_id)
    etag = f'"{file["sha256"]}"'
    kind = "inline" if file["type"] in INLINE and not download else "attachment"
    headers = {
        **HARMLESS,
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition(kind, file["name"]),
    }
    if if_none_match is not None and ranges.matches(if_none_match, etag):
        return Response(b"", status_code=304, headers=headers)
    size = file["size"]
    try:
        wanted = ranges.span(byte_range, if_range, etag, size)
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
        pieces = await request.parts.uploads.store.read(file["key"], start, length)
    except StoreUnavailable as error:
        raise unavailable(error) from error
    except BlobMissing as error:
        _log.error("blob missing", file=file_id, error=str(error))
        raise Problem(500, "file_lost", "The store has no longer the bytes of this file.") from error
    return Stream(pieces, status_code=status, headers=headers, media_type=media_type)


@get("/files/{file_id:int}/info")
async def show_file(request: ApiRequest, file_id: PathId) -> Response[File]:
    """What is known of a file, as in a message."""
    return verbatim((await _seen(request, file_id))["json"])


@delete("/files/{file_id:int}", opt={"problems": [409]})
async def discard_file(request: ApiRequest, file_id: PathId) -> None:
    """Delete a file that the caller has uploaded and not used yet. A used one goes with its last message."""
    await _seen(request, file_id)
    async with request.transaction() as connection:
        if await FILE_DISCARD.value(connection, file=file_id, user=request.caller.user_id) is None:
            raise Problem(409, "file_in_use", "A message has this file: delete the message.")


async def _seen(request: ApiRequest, file_id: int) -> Record:
    file = await FILE_SEEN.row(request.pool, file=file_id, user=request.caller.user_id)
    if file is None or file["state"] == "refused":
        raise Problem(404, "not_found", "There is no such file, or you may not see it.")
    return file


HANDLERS = [upload_file, fetch_file, show_file, discard_file]
