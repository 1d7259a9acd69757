"""Pages of a list: at most `limit` items, and a Link header to the next page if there is one (RFC 8288)."""

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


def page(request: ApiRequest, row: Record, cursor: str = "after_id") -> Response[Any]:
    """Responds with a query's columns `items` (a JSON array) and `next` (an id, null at the end)."""
    if row["next"] is None:
        return verbatim(row["items"])
    parameters = {**request.query_params.dict(), cursor: row["next"]}
    link = f'<{request.url.path}?{urlencode(parameters, doseq=True)}>; rel="next"'
    return verbatim(row["items"], headers={"Link": link})
