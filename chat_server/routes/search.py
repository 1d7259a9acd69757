"""Search, in what the caller may read."""

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from chat_core.problems import FieldError, Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, OptionalQueryId
from chat_server.responses.search import FoundMessages
from chat_server.search import search
from chat_server.search.terms import Term

LONGEST_QUERY = 500
Query = Annotated[
    str, QueryParameter(min_length=1, max_length=LONGEST_QUERY, pattern=ANY_TEXT, description="What to search for.")
]
SearchLimit = Annotated[int, QueryParameter(ge=1, le=100, description="Maximum number of messages in a page.")]


@get("/search", opt={"problems": [400]})
async def search_messages(
    request: ApiRequest, q: Query, limit: SearchLimit = 20, before_id: OptionalQueryId = None
) -> Response[FoundMessages]:
    """Messages of the caller's chats with all of these words, newest first."""
    terms = [term for word in q.split() if (term := Term.of(word)).units]
    if not terms:
        wrong = FieldError("query.q", "a word, a character of a word, or an emoji")
        raise Problem(400, "validation_failed", f"{wrong.path}: expected {wrong.expected}.", [wrong])
    page = await search.find(request.pool, request.caller.user_id, terms, before_id or search.END, limit)
    items = [{"message": msgspec.Raw(found.message.encode()), "highlights": found.spans} for found in page.found]
    headers = {}
    if page.next_before is not None:
        parameters = {**request.query_params.dict(), "before_id": page.next_before}
        headers["Link"] = f'<{request.url.path}?{urlencode(parameters, doseq=True)}>; rel="next"'
    body = msgspec.json.encode({"items": items, "complete": page.complete})
    return Response[Any](body, media_type="application/json", headers=headers)


HANDLERS = [search_messages]
