"""Exports: a document's content as a file. Its kind decides what the file contains."""

from typing import Final

from litestar import Response
from litestar.openapi.datastructures import ResponseSpec

from chat_core.database.queries import query
from chat_server.access.places import DocumentPlace
from chat_server.http.api_request import ApiRequest
from chat_server.http.attachments import attachment

DOCUMENT_SEQ = query("document_seq", "kind", "document")

RESPONSES: Final = {304: ResponseSpec(None, description="It matches If-None-Match.")}


async def seq(request: ApiRequest, kind: DocumentPlace, document: int) -> int:
    """The number of its edits, which an export's ETag contains. Raises Problem unless the caller may see the
    document."""
    await kind(request.pool, request.caller, document, "see the document")
    edits: int = await DOCUMENT_SEQ.value(request.pool, **kind.at(document))
    return edits


def exported(data: bytes, media_type: str, etag: str, filename: str) -> Response[bytes]:
    headers = {**attachment(filename), "ETag": etag, "Cache-Control": "private, no-cache"}
    return Response(data, media_type=media_type, headers=headers)


def unchanged(etag: str) -> Response[bytes]:
    return Response(b"", status_code=304, headers={"ETag": etag})
