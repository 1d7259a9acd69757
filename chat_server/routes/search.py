"""Search, in what the caller may read."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, OptionalQueryId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.binding import BOUND
from chat_server.http.steps.from_standby import from_standby
from chat_server.responses.boards import Board
from chat_server.responses.chats import Chat
from chat_server.responses.search import FoundFile, FoundMessages, FoundPage
from chat_server.responses.users import Profile
from chat_server.search import pages, search
from chat_server.search.pages import find_pages
from chat_server.search.query_language import ParsedQuery, QueryError, parse
from chat_server.search.scope import scope_of
from chat_server.search.search import Found
from chat_server.search.snippets import snippet, spans_of_content
from chat_server.search.terms import Term
from chat_server.search.typos import suggestion

LONGEST_QUERY = 500
# A search that finds fewer is told of another spelling.
HARDLY_ANYTHING = 3
AROUND = 25

Query = Annotated[
    str,
    QueryParameter(min_length=1, max_length=LONGEST_QUERY, pattern=ANY_TEXT, description="See docs/search/queries.md."),
]
SearchLimit = Annotated[int, QueryParameter(ge=1, le=100, description="Maximum number of messages in a page.")]
PagesLimit = Annotated[int, QueryParameter(ge=1, le=100, description="Maximum number of pages in the list.")]
Sort = Annotated[
    Literal["newest", "relevance"],
    QueryParameter(description="relevance: the best of the newest thousand, in one page."),
]
Prefix = Annotated[
    bool, QueryParameter(description="While typing: the last word of the query is found by its beginning.")
]

SEARCH_CHATS_NAMED = query("search_chats_named", "user", "workspace", "words", "after", "limit")
SEARCH_DOCUMENTS_NAMED = query("search_documents_named", "user", "workspace", "kind", "words", "after", "limit")
SEARCH_FILES = query("search_files", "user", "workspace", "words", "query", "before", "limit")
SEARCH_PEOPLE_NAMED = query("search_people_named", "user", "workspace", "words", "after", "limit")


@get("/search", opt={"problems": [400], **BOUND})
@from_standby
async def search_messages(
    request: ApiRequest,
    q: Query,
    limit: SearchLimit = 20,
    before_id: OptionalQueryId = None,
    sort: Sort = "newest",
    prefix: Prefix = False,
) -> Response[FoundMessages]:
    """Messages of the caller's chats that have all of these words and properties, newest first."""
    asked = _Asked(request, limit, before_id, sort, prefix)
    try:
        parsed, result = await asked.of(q)
        other = None
        if len(result.found) < HARDLY_ANYTHING and result.next_before is None and before_id is None and not prefix:
            scope = await scope_of(request.source, request.caller.user_id, parsed, request.caller.within())
            other = await suggestion(request.source, q, parsed, scope)
        if other is not None and not result.found:
            q = other
            _, result = await asked.of(q)
    except QueryError as error:
        raise _refused(error) from None
    headers = {}
    if result.next_before is not None and sort == "newest":
        parameters = {**request.query_params.dict(), "q": q, "before_id": result.next_before}
        headers["Link"] = f'<{request.url.path}?{urlencode(parameters, doseq=True)}>; rel="next"'
    body = {"items": [_shown(found) for found in result.found], "complete": result.complete, "did_you_mean": other}
    return Response[Any](msgspec.json.encode(body), media_type="application/json", headers=headers)


def _refused(error: QueryError) -> Problem:
    expected = [FieldError("query.q", error.expected)]
    return Problem(400, "validation_failed", f"query.q: {error}.", expected, extra={"position": error.position})


@dataclass(frozen=True, slots=True)
class _Asked:
    request: ApiRequest
    limit: int
    before_id: int | None
    sort: str
    prefix: bool

    async def of(self, q: str) -> tuple[ParsedQuery, search.Page]:
        source = self.request.source
        parsed = parse(q, prefix=self.prefix)
        caller = self.request.caller
        scope = await scope_of(source, caller.user_id, parsed, caller.within())
        if self.sort == "relevance":
            return parsed, await search.find_best(source, parsed, scope, self.limit)
        return parsed, await search.find(source, parsed, scope, self.before_id or search.END, self.limit)


class _Place(msgspec.Struct):
    chat_id: int


def _shown(found: Found) -> dict[str, Any]:
    spans = spans_of_content(found.content, found.spans)
    messages = f"/api/chats/{msgspec.json.decode(found.message, type=_Place).chat_id}/messages"
    return {
        "message": msgspec.Raw(found.message.encode()),
        "highlights": spans,
        "snippet": [piece._asdict() for piece in snippet(found.content, spans)],
        "around": {
            "before": f"{messages}?before_id={found.id + 1}&limit={AROUND}",
            "after": f"{messages}?after_id={found.id}&limit={AROUND}",
        },
    }


@get("/search/chats", opt=BOUND)
@from_standby
async def search_chats(
    request: ApiRequest, q: Query, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Chat]]:
    """The caller's chats with all of these words in their name, by id."""
    row = await SEARCH_CHATS_NAMED.one(
        request.source,
        user=request.caller.user_id,
        workspace=request.caller.within(),
        words=q.split(),
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@get("/search/boards", opt=BOUND)
@from_standby
async def search_boards(
    request: ApiRequest, q: Query, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Board]]:
    """The boards that the caller is a member of, with all of these words in their name, by id."""
    row = await SEARCH_DOCUMENTS_NAMED.one(
        request.source,
        user=request.caller.user_id,
        workspace=request.caller.within(),
        kind="board",
        words=q.split(),
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@get("/search/pages", opt={"problems": [400], **BOUND})
@from_standby
async def search_pages(
    request: ApiRequest, q: Query, limit: PagesLimit = 20, after_id: AfterId = 0, prefix: Prefix = False
) -> Response[list[FoundPage]]:
    """The pages that the caller is a member of that say all of these words, or have them in their name, by id."""
    try:
        parsed = parse(q, prefix=prefix, filters=False)
    except QueryError as error:
        raise _refused(error) from None
    caller = request.caller
    found, after = await find_pages(request.source, parsed, q.split(), caller.user_id, caller.within(), after_id, limit)
    items = msgspec.json.encode([_shown_page(one) for one in found]).decode()
    return page(request, {"items": items, "next": after})


def _shown_page(found: pages.FoundPage) -> dict[str, Any]:
    return {
        "page": msgspec.Raw(found.page.encode()),
        "highlights": spans_of_content(found.name, found.spans),
        "passages": [_shown_passage(passage) for passage in found.passages],
    }


def _shown_passage(passage: pages.Passage) -> dict[str, Any]:
    component_id, pointer, text = passage.text
    spans = spans_of_content(text, passage.spans)
    pieces = [piece._asdict() for piece in snippet(text, spans)]
    return {"component_id": component_id, "pointer": pointer, "highlights": spans, "snippet": pieces}


@get("/search/files", opt=BOUND)
@from_standby
async def search_files(
    request: ApiRequest, q: Query, limit: Limit = DEFAULT_LIMIT, before_id: OptionalQueryId = None
) -> Response[list[FoundFile]]:
    """Files with all of these words in their name, or in their text, of messages, boards and pages that the caller
    sees, newest first."""
    term = Term.of(q)
    row = await SEARCH_FILES.one(
        request.source,
        user=request.caller.user_id,
        workspace=request.caller.within(),
        words=q.split(),
        query=term.tsquery if term.units else None,
        before=before_id or search.END,
        limit=limit,
    )
    return page(request, row, "before_id")


@get("/search/people", opt=BOUND)
@from_standby
async def search_people(
    request: ApiRequest, q: Query, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Profile]]:
    """People of the caller's workspaces with all of these words in their names, by id; without their addresses."""
    row = await SEARCH_PEOPLE_NAMED.one(
        request.source,
        user=request.caller.user_id,
        workspace=request.caller.within(),
        words=q.split(),
        after=after_id,
        limit=limit,
    )
    return page(request, row)


SCOPES = scopes.SEARCH
HANDLERS = [search_messages, search_chats, search_boards, search_pages, search_files, search_people]
