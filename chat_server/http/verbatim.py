"""Responses whose JSON Postgres has built: `sql/functions/shapes.sql`, the same for REST, events and snapshots."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response


class _WithId(msgspec.Struct):
    id: int


def verbatim(json: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[Any]:
    """A response with JSON that Postgres has built."""
    return Response(json.encode(), status_code=status, media_type="application/json", headers=headers)


def created(json: str, collection: str) -> Response[Any]:
    """A 201 response with a new resource and its location: `collection`/id."""
    made = msgspec.json.decode(json, type=_WithId)
    return verbatim(json, 201, {"Location": f"{collection}/{made.id}"})
