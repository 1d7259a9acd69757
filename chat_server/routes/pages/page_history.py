"""The history of a page: who changed what and when, what two versions differ in, and how an earlier one comes back."""

import asyncio
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from chat_core.database.queries import query
from chat_core.documents.patches.difference import difference
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import LARGEST_ID, PathId
from chat_server.http.paging import Limit, page
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.idempotency import IdempotencyKey
from chat_server.http.verbatim import verbatim
from chat_server.page_content import contents
from chat_server.page_content.contents import Content
from chat_server.page_content.touches import in_words, touched
from chat_server.responses.pages import Page, PageDifference, PageEdit
from chat_server.routes.documents.document_versions import ACTION, kept
from chat_server.routes.pages.page_restoring import restored

PAGE_HISTORY = query("page_history", "page", "before", "limit")

# Of routes that bring content back.
RESTORED: Final = {200: ResponseSpec(Page, description="It is as wanted, already or by the first such request.")}
LARGEST_DIFFERENCE = 1_048_576
# Beyond that the rest is on the next page.
LARGEST_HISTORY = 1_048_576
DEFAULT_EDITS = 50

Before = Annotated[
    int | None,
    QueryParameter(ge=1, le=LARGEST_ID, description="Only earlier patches: see the Link header."),
]
From = Annotated[int, QueryParameter(name="from", ge=1, le=LARGEST_ID)]
To = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_ID, description="By default the newest version.")]


@get("/pages/{page_id:int}/history", opt={"problems": [409], **delegable("document.see")})
async def list_page_edits(
    request: ApiRequest, page_id: PathId, limit: Limit = DEFAULT_EDITS, before: Before = None
) -> Response[list[PageEdit]]:
    """The patches of a page, newest first: by whom, when, and what they touched; fewer than `limit` if that is much.
    They are kept for `pages.history_days`."""
    await places.page(request.pool, request.caller, page_id, "see the document")
    now = await contents.at(request.pool, page_id)
    edits: list[dict[str, Any]] = []
    size, following = 0, None
    for row in await PAGE_HISTORY.rows(request.pool, page=page_id, before=before, limit=limit):
        if size > LARGEST_HISTORY:
            break
        small = row["patch"] is not None
        patch = msgspec.json.decode(row["patch"]) if small else []
        inverse = msgspec.json.decode(row["inverse"]) if row["inverse"] else None
        touches = touched(patch, inverse, now.document)
        edit = {
            "version": row["version"],
            "id": row["op_id"],
            "user_id": row["user_id"],
            "client_id": row["client_id"],
            "base": row["base"],
            "created_at": row["created_at"],
            "bytes": row["bytes"],
            "summary": in_words(touches) if small else "Changed a lot.",
            "touches": touches,
        }
        edits.append(edit)
        size += len(msgspec.json.encode(edit))
        following = None if row["is_last"] else row["version"]
    return page(request, {"items": msgspec.json.encode(edits).decode(), "next": following}, "before")


@get("/pages/{page_id:int}/diff", opt={"problems": [409, 410]})
async def compare_page_versions(
    request: ApiRequest, page_id: PathId, from_: From, to: To = None
) -> Response[PageDifference]:
    """What two versions of a page differ in."""
    await places.page(request.pool, request.caller, page_id, "see the document")
    newer = await contents.at(request.pool, page_id, to)
    older = await contents.at(request.pool, page_id, from_)
    return verbatim(await asyncio.to_thread(_compared, older, newer))


def _compared(older: Content, newer: Content) -> str:
    """As JSON. Takes some tenths of a second where much differs, and so has a thread."""
    patch = difference(older.document, newer.document)
    touches = touched(patch, difference(newer.document, older.document), newer.document)
    encoded = msgspec.json.encode(patch)
    answer: dict[str, Any] = {
        "from": older.version,
        "to": newer.version,
        "patch": msgspec.Raw(encoded) if len(encoded) <= LARGEST_DIFFERENCE else None,
        "summary": in_words(touches),
        "touches": touches,
    }
    return msgspec.json.encode(answer).decode()


@post("/pages/{page_id:int}/versions/{version_id:int}/restore", responses=RESTORED)
async def restore_page_version(
    request: ApiRequest, page_id: PathId, version_id: PathId, idempotency_key: IdempotencyKey = None
) -> Response[Page]:
    """Make the content that of a named version, by a patch that reaches open editors like any other. Other patches at
    the same time are not lost: they come before it, or after."""
    await places.page(request.pool, request.caller, page_id, ACTION)
    version = await kept(request.pool, places.page, page_id, version_id)
    return await restored(request, page_id, msgspec.json.decode(version.state), idempotency_key)


SCOPES = scopes.PAGES
HANDLERS = [list_page_edits, compare_page_versions, restore_page_version]
