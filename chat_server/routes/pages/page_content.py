"""The content of a page over REST: read at any version that is kept, and changed by JSON Patch (RFC 6902, RFC 5789).

It is the same rows that sockets read and write, so a patch from here reaches open editors, and reading opens nothing.
"""

from typing import Annotated, Final

import msgspec
from litestar import Response, get, patch
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter

from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import etags, scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, LARGEST_ID, IfNoneMatch, PathId
from chat_server.http.openapi import JSON_PATCH
from chat_server.http.steps.acting_for import delegable
from chat_server.http.verbatim import verbatim
from chat_server.page_content import contents
from chat_server.page_content.patching import LARGEST_PATCH, Asked, limits_of, parsed, patched
from chat_server.responses.pages import PatchedContent
from chat_server.routes.documents import document_export

MEDIA_TYPE: Final = JSON_PATCH
PATCHED: Final = {
    "takes": (MEDIA_TYPE,),
    "largest": LARGEST_PATCH,
    "problems": [409, 412, 428],
}

AtVersion = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_ID, description="By default the newest.")]
BaseVersion = Annotated[
    int | None,
    QueryParameter(
        ge=1,
        le=LARGEST_ID,
        description="The version that the patch was made for, instead of If-Match: then it is stored as well if newer "
        "patches do not conflict with it.",
    ),
]
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", max_length=1000, pattern=ANY_TEXT, description='Such as "41": no other version is patched.'
    ),
]
OperationId = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=64,
        pattern=ANY_TEXT,
        description="The id of the operation: with the same id and patch, a retry returns the first response.",
    ),
]


@get(
    "/pages/{page_id:int}/content",
    opt={"answers": ("application/json",), "problems": [409, 410], **delegable("document.see")},
    responses={304: ResponseSpec(None, description="It matches If-None-Match.")},
)
async def show_page_content(
    request: ApiRequest, page_id: PathId, version: AtVersion = None, if_none_match: IfNoneMatch = None
) -> Response[bytes]:
    """The content of a page, as it is, with its version as the ETag."""
    newest = await document_export.seq(request, places.page, page_id)
    if etags.has(if_none_match, _etag(version or newest)) and (version or newest) <= newest:
        return Response(b"", status_code=304, headers=_headers(version or newest))
    content = await contents.at(request.pool, page_id, version)
    return Response(content.text().encode(), media_type="application/json", headers=_headers(content.version))


@patch("/pages/{page_id:int}/content", opt=PATCHED, request_max_body_size=LARGEST_PATCH)
async def patch_page_content(
    request: ApiRequest,
    page_id: PathId,
    version: BaseVersion = None,
    if_match: IfMatch = None,
    idempotency_key: OperationId = None,
) -> Response[PatchedContent]:
    """Apply a JSON Patch, wholly or not at all. It needs If-Match or `version`."""
    await places.page(request.pool, request.caller, page_id, "edit its content")
    if request.content_type[0] != MEDIA_TYPE:
        raise Problem(
            415,
            "unsupported_media_type",
            f"The body must be sent with Content-Type: {MEDIA_TYPE}.",
            headers={"Accept-Patch": MEDIA_TYPE},
        )
    if if_match is None and version is None:
        raise Problem(
            428, "precondition_required", "Say what the patch was made for: send If-Match with the ETag, or ?version=."
        )
    asked = Asked(idempotency_key, parsed(await request.body(), limits_of(request)), version, if_match)
    stored = await patched(request, page_id, asked)
    answer = msgspec.json.encode({"id": stored.op_id, "version": stored.version}).decode()
    return verbatim(answer, headers={"ETag": _etag(stored.version)})


def _headers(version: int) -> dict[str, str]:
    return {"ETag": _etag(version), "Cache-Control": "private, no-cache"}


def _etag(version: int) -> str:
    return f'"{version}"'


SCOPES = scopes.PAGES
HANDLERS = [show_page_content, patch_page_content]
