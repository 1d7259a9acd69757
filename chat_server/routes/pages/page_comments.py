"""Comments on components of pages: threads of one level, which are resolved as a whole.

A comment is anchored to a component and to the version of the page that its author was looking at, so it can be shown
with what it was about, whatever becomes of the component.
"""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import ANY_TEXT, VISIBLE_TEXT, Id, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import created, verbatim
from chat_server.page_content import contents
from chat_server.responses.pages import PageComment

PAGE_COMMENT = query("page_comment", "page", "comment")
PAGE_COMMENT_CREATE = query("page_comment_create", "page", "component", "version", "reply_to", "user", "content")
PAGE_COMMENT_DELETE = query("page_comment_delete", "page", "comment")
PAGE_COMMENT_EDIT = query("page_comment_edit", "page", "comment", "content")
PAGE_COMMENT_RESOLVE = query("page_comment_resolve", "page", "comment", "user", "resolved")
PAGE_COMMENTS = query("page_comments", "page", "component", "resolved", "after", "limit")

CommentText = Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=VISIBLE_TEXT)]
ComponentId = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=ANY_TEXT)]
OnComponent = Annotated[
    str | None,
    QueryParameter(min_length=1, max_length=128, pattern=ANY_TEXT, description="Only those on this component."),
]
Resolved = Annotated[bool | None, QueryParameter(description="Only those of resolved threads, or of open ones.")]


class NewPageComment(msgspec.Struct, forbid_unknown_fields=True):
    """Either on a component, or a reply to the first comment of a thread. `version` is the page's version that the
    author is looking at, by default the newest."""

    content: CommentText
    component_id: ComponentId | None = None
    version: Id | None = None
    reply_to: Id | None = None


class PageCommentChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. `resolved` is of the whole thread: it needs its first comment."""

    content: CommentText | None = None
    resolved: bool | None = None


@get("/pages/{page_id:int}/comments", opt=delegable("document.see"))
async def list_page_comments(
    request: ApiRequest,
    page_id: PathId,
    component_id: OnComponent = None,
    resolved: Resolved = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[PageComment]]:
    """The comments on a page, by id."""
    await places.page(request.pool, request.caller, page_id, "see the document")
    asked = {"component": component_id, "resolved": resolved, "after": after_id, "limit": limit}
    return page(request, await PAGE_COMMENTS.one(request.pool, page=page_id, **asked))


@post("/pages/{page_id:int}/comments", responses=retried(PageComment))
async def create_page_comment(
    request: ApiRequest, page_id: PathId, data: JSONBody[NewPageComment], idempotency_key: IdempotencyKey = None
) -> Response[PageComment]:
    """Comment on a component, or reply to a comment."""
    caller = request.caller
    if (data.component_id is None) == (data.reply_to is None):
        invalid(FieldError("component_id", "the id of a component, or else a comment in reply_to"))
    if data.reply_to is not None and data.version is not None:
        invalid(FieldError("version", "none for a reply, which has that of its thread"))
    await places.page(request.pool, caller, page_id, "comment on it")
    version = data.version
    if data.component_id is not None:
        version = await _version_with(request, page_id, data.component_id, data.version)

    async def create(connection: Connection) -> Response[Any]:
        await places.page.locked(connection, caller, page_id, "comment on it")
        made = await PAGE_COMMENT_CREATE.value(
            connection,
            page=page_id,
            component=data.component_id,
            version=version,
            reply_to=data.reply_to,
            user=caller.user_id,
            content=data.content,
        )
        return created(made, f"/api/pages/{page_id}/comments")

    return await once(request, idempotency_key, create, places.page.still(caller, page_id, "see the document"))


async def _version_with(request: ApiRequest, page_id: int, component_id: str, version: int | None) -> int:
    """The version, by default the newest, if it has this component. Raises Problem 422 if it does not."""
    found = await contents.at(request.pool, page_id, version)
    components = found.document.get("components") if isinstance(found.document, dict) else None
    if not isinstance(components, dict) or component_id not in components:
        invalid(FieldError("component_id", f"a component that version {found.version} of the page has"))
    return found.version


@get("/pages/{page_id:int}/comments/{comment_id:int}", opt=delegable("document.see"))
async def show_page_comment(request: ApiRequest, page_id: PathId, comment_id: PathId) -> Response[PageComment]:
    """A comment."""
    await places.page(request.pool, request.caller, page_id, "see the document")
    row = await PAGE_COMMENT.row(request.pool, page=page_id, comment=comment_id)
    if row is None:
        raise _no_comment()
    return verbatim(row["shown"])


@patch("/pages/{page_id:int}/comments/{comment_id:int}")
async def change_page_comment(
    request: ApiRequest, page_id: PathId, comment_id: PathId, data: JSONBody[PageCommentChange]
) -> Response[PageComment]:
    """Edit a comment's text, which only its author may, or resolve its thread or open it again."""
    caller = request.caller
    async with request.transaction() as connection:
        await places.page.locked(connection, caller, page_id, "comment on it")
        row = await PAGE_COMMENT.row(connection, page=page_id, comment=comment_id)
        if row is None:
            raise _no_comment()
        own, shown = row["author_id"] == caller.user_id, row["shown"]
        if data.content is not None:
            if not own:
                raise Problem(403, "forbidden", "Only its author may edit a comment.")
            shown = await PAGE_COMMENT_EDIT.value(connection, page=page_id, comment=comment_id, content=data.content)
        if data.resolved is not None:
            if row["reply_to"] is not None:
                invalid(FieldError("resolved", "nothing for a reply: resolve the first comment of its thread"))
            if not own:
                await places.page(connection, caller, page_id, "resolve others' comments")
            shown = await PAGE_COMMENT_RESOLVE.value(
                connection, page=page_id, comment=comment_id, user=caller.user_id, resolved=data.resolved
            )
    return verbatim(places.found(shown))


@delete("/pages/{page_id:int}/comments/{comment_id:int}")
async def delete_page_comment(request: ApiRequest, page_id: PathId, comment_id: PathId) -> None:
    """Delete a comment for good; the first one of a thread with all replies."""
    async with request.transaction() as connection:
        await places.page.locked(connection, request.caller, page_id, "comment on it")
        row = await PAGE_COMMENT.row(connection, page=page_id, comment=comment_id)
        if row is None:
            raise _no_comment()
        if row["author_id"] != request.caller.user_id:
            await places.page(connection, request.caller, page_id, "delete others' comments")
        await PAGE_COMMENT_DELETE.row(connection, page=page_id, comment=comment_id)


def _no_comment() -> Problem:
    return Problem(404, "not_found", "There is no such comment on this page.")


SCOPES = scopes.PAGES
HANDLERS = [list_page_comments, create_page_comment, show_page_comment, change_page_comment, delete_page_comment]
