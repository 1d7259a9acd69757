"""Responses whose JSON Postgres has built: `sql/functions/shapes.sql`, the same for REST, events and snapshots."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response


class _WithId(msgspec.Struct):
    id: int


class Verbatim(Response[Any]):
    """Litestar's own looks for kinds of headers, cookies and encoders: a tenth of what answering a hot route takes."""

    def __init__(self, content: bytes, status: int, headers: Mapping[str, str] | None) -> None:
        self.content, self.status_code, self.media_type = content, status, "application/json"
        self.headers = dict(headers) if headers else {}
        self.background, self.cookies, self.encoding, self.response_type_encoders = None, [], "utf-8", {}


def verbatim(json: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[Any]:
    """A response with JSON that Postgres has built."""
    return Verbatim(json.encode(), status, headers)


def created(json: str, collection: str) -> Response[Any]:
    """A 201 response with a new resource and its location: `collection`/id."""
    made = msgspec.json.decode(json, type=_WithId)
    return verbatim(json, 201, {"Location": f"{collection}/{made.id}"})
