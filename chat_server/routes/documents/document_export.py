"""The door for exports: what is in a document, to take away as a file. What the file has is its kind's."""

from typing import Final

from litestar import Response
from litestar.openapi.datastructures import ResponseSpec

from chat_core.database.queries import query
from chat_server.access.places import DocumentPlace
from chat_server.http.api_request import ApiRequest

DOCUMENT_SEQ = query("document_seq", "kind", "document")

# As a thumbnail: shown by itself it runs nothing, whatever it contains.
HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox"}
RESPONSES: Final = {304: ResponseSpec(None, description="It matches If-None-Match.")}


async def seq(request: ApiRequest, kind: DocumentPlace, document: int) -> int:
    """How many edits it has had, which an export's ETag says. Raises Problem unless the caller sees the document."""
    await kind(request.pool, request.caller, document, "see the document")
    edits: int = await DOCUMENT_SEQ.value(request.pool, **kind.at(document))
    return edits


def attachment(data: bytes, media_type: str, etag: str, filename: str) -> Response[bytes]:
    disposition = f'attachment; filename="{filename}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Content-Disposition": disposition, **HARMLESS}
    return Response(data, media_type=media_type, headers=headers)


def unchanged(etag: str) -> Response[bytes]:
    return Response(b"", status_code=304, headers={"ETag": etag})
