"""Fetching files, and uploading small ones in one request."""

from typing import Annotated, Any, Final

from asyncpg import Record
from litestar import Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter, QueryParameter

from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.files.types import KNOWN
from chat_server.files.uploads import too_large
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, LARGEST_ID, OptionalQueryId, PathId
from chat_server.http.paging import DEFAULT_LIMIT, Limit, page
from chat_server.http.steps.authentication import BY_COOKIE_TOO
from chat_server.http.steps.binding import BOUND
from chat_server.http.verbatim import created, verbatim
from chat_server.responses.files import File, OwnFile, PreviewName
from chat_server.routes.files.sending import Asked, sent

FILE_DISCARD = query("file_discard", "file", "user")
FILE_SEEN = query("file_seen", "file", "user")
FILES_OF_UPLOADER = query("files_of_uploader", "user", "workspace", "before", "limit")
PICTURE_SEEN = query("picture_seen", "file", "user")
PREVIEW_SEEN = query("preview_seen", "file", "name", "user")

# The largest body of one request; larger files are uploaded in parts.
LARGEST_AT_ONCE: Final = 8_388_608

ANY_TYPE = "application/octet-stream"


def _media_type(kind: str) -> str:
    return "text/plain; charset=utf-8" if kind == "text/plain" else kind


ANSWERS: Final = tuple(map(_media_type, KNOWN))
RESPONSES: Final = {
    206: ResponseSpec(None, description="The range that was asked for."),
    304: ResponseSpec(None, description="It matches If-None-Match."),
    416: ResponseSpec(None, description="The range begins beyond the end."),
}

FileName = Annotated[str, QueryParameter(min_length=1, max_length=4096, pattern=ANY_TEXT, description="Its name.")]
PathPreview = Annotated[PreviewName, PathParameter(description="Which copy.")]
Download = Annotated[bool, QueryParameter(description="Save it, also if a browser could show it.")]
Precondition = Annotated[str | None, HeaderParameter(name="If-None-Match", max_length=1000, pattern=ANY_TEXT)]
Range = Annotated[str | None, HeaderParameter(name="Range", max_length=200, pattern=ANY_TEXT)]
IfRange = Annotated[str | None, HeaderParameter(name="If-Range", max_length=200, pattern=ANY_TEXT)]


@post(
    "/workspaces/{workspace_id:int}/files",
    opt={"takes": (ANY_TYPE,), "largest": LARGEST_AT_ONCE, "problems": [411, 413, 507]},
    request_max_body_size=LARGEST_AT_ONCE,
)
async def upload_file(request: ApiRequest, workspace_id: PathId, name: FileName) -> Response[File]:
    """Upload a file of at most 8 MiB: its bytes are the body, of any media type. Use `POST …/uploads` for larger
    ones. Until it is used, only its uploader sees it."""
    uploads = request.parts.uploads
    length = request.headers.get("content-length")
    if length is None:
        raise Problem(411, "length_required", "Send Content-Length: quotas are checked before the body is read.")
    if not length.isascii() or not length.isdigit():
        wrong = FieldError("header.Content-Length", "the number of bytes of the body")
        raise Problem(400, "validation_failed", f"{wrong.path}: expected {wrong.expected}.", [wrong])
    if int(length) > LARGEST_AT_ONCE:
        raise too_large(LARGEST_AT_ONCE)
    upload = await uploads.begin(request.caller.user_id, workspace_id, name, int(length))
    async with uploads.ended_on_failure(request.caller.user_id, upload):
        await uploads.receive(upload, request.stream())
        shown = await uploads.finish(upload)
    return created(shown, "/api/files")


@get(
    "/files/{file_id:int}",
    opt={"answers": ANSWERS, "problems": [403, 409, 410], **BY_COOKIE_TOO},
    responses=RESPONSES,
)
async def fetch_file(
    request: ApiRequest,
    file_id: PathId,
    download: Download = False,
    if_none_match: Precondition = None,
    byte_range: Range = None,
    if_range: IfRange = None,
) -> Response[Any]:
    """The bytes of a file. One may fetch it while one sees a use of it; access is checked each time."""
    file = with_bytes(await seen(request, file_id, request.caller.user_id))
    return await sent(request, file, Asked(download, if_none_match, byte_range, if_range))


@get(
    "/files/{file_id:int}/previews/{name:str}",
    opt={"answers": ("image/webp",), "problems": [410], **BY_COOKIE_TOO},
    responses=RESPONSES,
)
async def fetch_preview(
    request: ApiRequest,
    file_id: PathId,
    name: PathPreview,
    if_none_match: Precondition = None,
    byte_range: Range = None,
    if_range: IfRange = None,
) -> Response[Any]:
    """A copy of what the file shows, as WebP: `thumbnail` has at most 360 pixels a side, `preview` 1,600. It has none
    of the original's metadata."""
    copy = await PREVIEW_SEEN.row(request.pool, file=file_id, name=name, user=request.caller.user_id)
    if copy is None:
        raise Problem(404, "not_found", "There is no such preview, or you may not see it.")
    return await sent(request, copy, Asked(False, if_none_match, byte_range, if_range), ours=True)


@get(
    "/files/{file_id:int}/picture",
    opt={
        "answers": tuple(kind for kind in ANSWERS if kind.startswith("image/")),
        "problems": [410],
        **BY_COOKIE_TOO,
    },
    responses=RESPONSES,
)
async def fetch_picture(
    request: ApiRequest,
    file_id: PathId,
    if_none_match: Precondition = None,
    byte_range: Range = None,
    if_range: IfRange = None,
) -> Response[Any]:
    """What is shown of a picture in small, as an avatar or an icon: its thumbnail, or the picture while it has none."""
    picture = await PICTURE_SEEN.row(request.pool, file=file_id, user=request.caller.user_id)
    if picture is None:
        raise Problem(404, "not_found", "There is no such picture, or you may not see it.")
    return await sent(request, picture, Asked(False, if_none_match, byte_range, if_range))


@get("/files/{file_id:int}/info")
async def show_file(request: ApiRequest, file_id: PathId) -> Response[File]:
    """What is known of a file, as in a message."""
    return verbatim((await seen(request, file_id, request.caller.user_id))["json"])


@delete("/files/{file_id:int}", opt={"problems": [409]})
async def discard_file(request: ApiRequest, file_id: PathId) -> None:
    """Delete a file that the caller has uploaded and not used yet. A used one goes with its last message."""
    await seen(request, file_id, request.caller.user_id)
    async with request.transaction() as connection:
        if await FILE_DISCARD.value(connection, file=file_id, user=request.caller.user_id) is None:
            raise Problem(
                409, "file_in_use", "This file is in use: delete the message that has it, or take another picture."
            )


@get("/files", opt=BOUND)
async def list_own_files(
    request: ApiRequest,
    workspace_id: OptionalQueryId = None,
    limit: Limit = DEFAULT_LIMIT,
    before_id: OptionalQueryId = None,
) -> Response[list[OwnFile]]:
    """What the caller has uploaded and still exists, newest first: in all their workspaces, or in one. It is what
    counts in their quota; a file whose messages they see no more is listed too, but cannot be fetched."""
    row = await FILES_OF_UPLOADER.one(
        request.pool,
        user=request.caller.user_id,
        workspace=request.caller.within(workspace_id),
        before=before_id or LARGEST_ID,
        limit=limit,
    )
    return page(request, row, "before_id")


async def seen(request: ApiRequest, file_id: int, user_id: int) -> Record:
    """A file that this user sees now. Raises Problem 404."""
    file = await FILE_SEEN.row(request.pool, file=file_id, user=user_id)
    if file is None:
        raise Problem(404, "not_found", "There is no such file, or you may not see it.")
    return file


def with_bytes(file: Record) -> Record:
    """The file, if its bytes may be fetched. Raises Problem 403 and 409."""
    if file["state"] == "scanning":
        detail = "This file is being scanned; wait for MessageFilesReady or FileReady."
        raise Problem(409, "file_being_scanned", detail, headers={"Retry-After": "5"})
    if file["state"] == "refused":
        raise Problem(403, "file_refused", file["refusal"] or "This file has been refused.")
    return file


SCOPES = scopes.FILES
HANDLERS = [list_own_files, upload_file, fetch_file, fetch_preview, fetch_picture, show_file, discard_file]
