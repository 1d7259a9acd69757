"""Small pictures of documents, made by clients, for lists of them. The first bytes decide the type, never the
sender; the database checks it."""

from typing import Any, Final

from litestar import Response
from litestar.openapi.datastructures import ResponseSpec

from chat_core.constraints import of_kind
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.places import DocumentPlace
from chat_server.http.api_request import ApiRequest
from chat_server.http.attachments import HARMLESS
from chat_server.http.verbatim import verbatim

DOCUMENT_THUMBNAIL = query("document_thumbnail", "kind", "document", "unless")
DOCUMENT_THUMBNAIL_REMOVE = query("document_thumbnail_remove", "kind", "document")
DOCUMENT_THUMBNAIL_SET = query("document_thumbnail_set", "kind", "document", "data")

LARGEST = 262_144
ACTION: Final = "change its name and thumbnail"
PICTURES = ("image/png", "image/jpeg", "image/webp")
# OpenAPI details for a kind's routes: the one that shows it, and the one that sets it.
SHOWN: Final = {"answers": PICTURES}
UNCHANGED: Final = {304: ResponseSpec(None, description="It matches If-None-Match.")}
SET: Final = {"takes": PICTURES, "largest": LARGEST, "problems": [409]}


async def show(request: ApiRequest, kind: DocumentPlace, document: int, unless: str | None) -> Response[bytes]:
    """The picture, or 304 if `unless` is its ETag."""
    await kind(request.pool, request.caller, document, "see the document")
    row = await DOCUMENT_THUMBNAIL.row(request.pool, **kind.at(document), unless=unless)
    if row is None:
        raise Problem(404, "not_found", of_kind("This document has no thumbnail.", kind.name))
    headers = {"ETag": row["version"], "Cache-Control": "private, no-cache", **HARMLESS}
    if row["data"] is None:
        return Response(b"", status_code=304, headers=headers)
    return Response(row["data"], media_type=row["media_type"], headers=headers)


async def put(request: ApiRequest, kind: DocumentPlace, document: int) -> Response[Any]:
    """Stores the body, replacing the previous picture."""
    await kind(request.pool, request.caller, document, ACTION)
    picture = await request.body()
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, document, ACTION)
        kept = await DOCUMENT_THUMBNAIL_SET.value(connection, **kind.at(document), data=picture)
    return verbatim(places.found(kept))


async def remove(request: ApiRequest, kind: DocumentPlace, document: int) -> None:
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, document, ACTION)
        await DOCUMENT_THUMBNAIL_REMOVE.row(connection, **kind.at(document))
