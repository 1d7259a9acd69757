"""Pages of a list: at most `limit` items, and a Link header to the next page if there is one (RFC 8288)."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from asyncpg import Record
from litestar import Response
from litestar.params import QueryParameter

from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import LARGEST_ID
from chat_server.http.verbatim import verbatim

Limit = Annotated[int, QueryParameter(ge=1, le=500, description="Maximum number of items in a page.")]
AfterId = Annotated[
    int,
    QueryParameter(ge=0, le=LARGEST_ID, description="Start after this id: see the Link header of the previous page."),
]
DEFAULT_LIMIT = 100


def page(request: ApiRequest, row: Record | Mapping[str, Any], cursor: str = "after_id") -> Response[Any]:
    """Responds with a query's columns `items` (a JSON array) and `next` (an id, null at the end)."""
    return _linked(row["items"], [_link(request, "next", cursor, row["next"])])


def page_around(request: ApiRequest, row: Record) -> Response[Any]:
    """The same of a list that is newest first, for a page in its middle: with `previous`, where newer items go on."""
    links = [_link(request, "next", "before_id", row["next"]), _link(request, "prev", "after_id", row["previous"])]
    return _linked(row["items"], links)


def _link(request: ApiRequest, relation: str, cursor: str, item: int | None) -> str | None:
    if item is None:
        return None
    parameters = {name: value for name, value in request.query_params.dict().items() if name != "around_id"}
    parameters[cursor] = [str(item)]
    return f'<{request.url.path}?{urlencode(parameters, doseq=True)}>; rel="{relation}"'


def _linked(items: str, links: list[str | None]) -> Response[Any]:
    present = [link for link in links if link is not None]
    return verbatim(items, headers={"Link": ", ".join(present)}) if present else verbatim(items)
