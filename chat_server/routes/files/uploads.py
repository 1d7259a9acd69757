"""Uploads in parts, which resume where they were cut: tus 1.0 (https://tus.io/protocols/resumable-upload) with its
extensions creation, creation-with-upload, checksum, expiration and termination.

Beyond tus, `File-Id` of a response names the file that a finished upload has become.
"""

import base64
import binascii
import hashlib
import re
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, delete, get, patch, post, route
from litestar.enums import HttpMethod
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter

from chat_core.problems import FieldError, Problem
from chat_server.files.uploads import Checksum, Upload, wrong_offset
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, PathId
from chat_server.responses.files import UploadState

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS: Final = ("sha1", "sha256", "sha512", "md5")
MEDIA_TYPE: Final = "application/offset+octet-stream"
REQUEST_HEADERS: Final = ("Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Offset", "Upload-Checksum")
RESPONSE_HEADERS: Final = (
    *("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"),
    *("Upload-Offset", "Upload-Length", "Upload-Expires", "File-Id"),
)
_CREATION = re.compile(r"/api/workspaces/\d+/uploads")
_UPLOAD = re.compile(r"/api/uploads/[0-9a-fA-F-]{32,36}")

UploadId = Annotated[UUID, PathParameter()]
Version = Annotated[str | None, HeaderParameter(name="Tus-Resumable", max_length=20, pattern=ANY_TEXT)]
Length = Annotated[int, HeaderParameter(name="Upload-Length", ge=0, le=2**60, description="Bytes of the file.")]
Offset = Annotated[int, HeaderParameter(name="Upload-Offset", ge=0, le=2**60, description="Where the body begins.")]
Metadata = Annotated[
    str | None,
    HeaderParameter(
        name="Upload-Metadata",
        max_length=8192,
        pattern=ANY_TEXT,
        description="`filename` and its value in base64; other keys are ignored.",
    ),
]
WithChecksum = Annotated[
    str | None,
    HeaderParameter(
        name="Upload-Checksum",
        max_length=200,
        pattern=ANY_TEXT,
        description=f"Of the body: {', '.join(ALGORITHMS)}, a space, and the digest in base64.",
    ),
]


def streams(method: str, path: str) -> bool:
    """Whether the body of a request is handed on while it arrives."""
    return bool((method == "PATCH" and _UPLOAD.fullmatch(path)) or (method == "POST" and _CREATION.fullmatch(path)))


@route(
    "/workspaces/{workspace_id:int}/uploads", http_method=[HttpMethod.OPTIONS], status_code=204, include_in_schema=False
)
async def upload_options(request: ApiRequest, workspace_id: PathId) -> Response[None]:
    """What this server supports, and its largest file."""
    most = request.parts.settings.storage.file_bytes
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        **({"Tus-Max-Size": str(most)} if most else {}),
    }
    return Response(None, status_code=204, headers=headers)


@post(
    "/workspaces/{workspace_id:int}/uploads",
    opt={"problems": [404, 410, 412, 413, 423, 460, 507]},
    request_max_body_size=None,
)
async def begin_upload(
    request: ApiRequest,
    workspace_id: PathId,
    upload_length: Length,
    upload_metadata: Metadata = None,
    upload_checksum: WithChecksum = None,
    tus_resumable: Version = None,
) -> Response[UploadState]:
    """Begin an upload, with its first bytes if the body is `application/offset+octet-stream`. `Location` is where the
    others go. What is too large or exceeds a quota is refused before any byte is read."""
    _require_version(tus_resumable)
    checksum = _checksum(upload_checksum)
    uploads = request.parts.uploads
    name = _file_name(upload_metadata)
    upload = await uploads.begin(request.caller.user_id, workspace_id, name, upload_length)
    async with uploads.ended_on_failure(request.caller.user_id, upload):
        if request.content_type[0] == MEDIA_TYPE:
            await uploads.receive(upload, request.stream(), checksum)
        if upload.received == upload.size:
            await uploads.finish(upload)
    return _shown(upload, 201, {"Location": f"/api/uploads/{upload.id}"})


@get("/uploads/{upload_id:uuid}", opt={"problems": [410]})
async def show_upload(request: ApiRequest, upload_id: UploadId) -> Response[UploadState]:
    """How many bytes have arrived. With HEAD, as tus has it, only the headers."""
    uploads = request.parts.uploads
    upload = await uploads.of(request.caller.user_id, upload_id)
    if upload.received == upload.size and not upload.finished:  # a crash has kept it from its end
        await uploads.finish(upload)
    return _shown(upload, 200, {"Cache-Control": "no-store"})


@patch(
    "/uploads/{upload_id:uuid}",
    opt={"takes": (MEDIA_TYPE,), "largest": 2**60, "problems": [410, 412, 423, 460]},
    status_code=204,
    responses={204: ResponseSpec(None, description="`Upload-Offset` is where the next bytes begin.")},
    request_max_body_size=None,
)
async def append_to_upload(
    request: ApiRequest,
    upload_id: UploadId,
    upload_offset: Offset,
    upload_checksum: WithChecksum = None,
    tus_resumable: Version = None,
) -> Response[None]:
    """Append the body. The last byte makes the file."""
    _require_version(tus_resumable)
    if request.content_type[0] != MEDIA_TYPE:
        raise Problem(415, "unsupported_media_type", f"The body must be sent with Content-Type: {MEDIA_TYPE}.")
    checksum = _checksum(upload_checksum)
    uploads = request.parts.uploads
    upload = await uploads.of(request.caller.user_id, upload_id)
    if upload_offset != upload.received:
        raise wrong_offset(upload.received, upload_offset)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > upload.size - upload.received:
        raise Problem(413, "body_too_large", f"The upload has {upload.size} bytes, and no more.")
    if upload.received < upload.size:
        await uploads.receive(upload, request.stream(), checksum)
    if upload.received == upload.size:
        await uploads.finish(upload)
    return Response(None, status_code=204, headers=_headers(upload))


@delete("/uploads/{upload_id:uuid}", responses={204: ResponseSpec(None, description="It has ended.")})
async def end_upload(request: ApiRequest, upload_id: UploadId) -> Response[None]:
    """End an upload. Its bytes are deleted; a file that it has become stays."""
    upload = await request.parts.uploads.of(request.caller.user_id, upload_id)
    await request.parts.uploads.end(request.caller.user_id, upload)
    return Response(None, status_code=204, headers={"Tus-Resumable": VERSION})


def _shown(upload: Upload, status: int, headers: dict[str, str]) -> Response[Any]:
    state = UploadState(upload.id, upload.size, upload.received, upload.expires_at, upload.file_id)
    return Response(state, status_code=status, headers={**_headers(upload), **headers}, media_type="application/json")


def _headers(upload: Upload) -> dict[str, str]:
    headers = {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.size),
        "Upload-Expires": _http_date(upload.expires_at),
    }
    if upload.file_id is not None:
        headers["File-Id"] = str(upload.file_id)
    return headers


def _http_date(time: datetime) -> str:
    return format_datetime(time, usegmt=True)


def _require_version(given: str | None) -> None:
    if given is not None and given != VERSION:
        detail = f"This server speaks tus {VERSION}, not {given}."
        raise Problem(412, "tus_version_not_supported", detail, headers={"Tus-Version": VERSION})


def _file_name(metadata: str | None) -> str:
    """`filename` of Upload-Metadata, or `name`, as some clients have it."""
    named: dict[str, str] = {}
    for pair in (metadata or "").split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            named[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            raise _bad_header("Upload-Metadata", "keys, each with a value of UTF-8 in base64") from None
    return (named.get("filename") or named.get("name") or "file").replace("\x00", "")


def _checksum(header: str | None) -> Checksum | None:
    if header is None:
        return None
    algorithm, _, digest = header.partition(" ")
    try:
        if algorithm not in ALGORITHMS:
            raise ValueError
        expected = base64.b64decode(digest, validate=True)
    except ValueError:
        raise _bad_header("Upload-Checksum", f"{', '.join(ALGORITHMS)}, and the digest in base64") from None
    return Checksum(hashlib.new(algorithm, usedforsecurity=False), expected)


def _bad_header(name: str, expected: str) -> Problem:
    wrong = FieldError(f"header.{name}", expected)
    return Problem(400, "validation_failed", f"{wrong.path}: expected {expected}.", [wrong])


SCOPES = scopes.FILE_WRITING
HANDLERS = [upload_options, begin_upload, show_upload, append_to_upload, end_upload]
