"""Files that are attached to documents. Whoever sees the document may fetch them; its content refers to them by id."""

from typing import Any, Final

from litestar import Response

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.access.places import DocumentPlace
from chat_server.http.api_request import ApiRequest
from chat_server.http.paging import page
from chat_server.http.verbatim import verbatim

DOCUMENT_FILE_ATTACH = query("document_file_attach", "kind", "document", "file")
DOCUMENT_FILE_DETACH = query("document_file_detach", "kind", "document", "file")
DOCUMENT_FILES = query("document_files", "kind", "document", "after", "limit")

ACTION: Final = "attach or detach a file"


async def listed(request: ApiRequest, kind: DocumentPlace, document: int, limit: int, after_id: int) -> Response[Any]:
    await kind(request.pool, request.caller, document, "see the document")
    row = await DOCUMENT_FILES.one(request.pool, **kind.at(document), after=after_id, limit=limit)
    return page(request, row)


async def attach(request: ApiRequest, kind: DocumentPlace, document: int, file: int) -> Response[Any]:
    """The database refuses files that the caller does not see."""
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, document, ACTION)
        attached = await DOCUMENT_FILE_ATTACH.value(connection, **kind.at(document), file=file)
    return verbatim(places.found(attached))


async def detach(request: ApiRequest, kind: DocumentPlace, document: int, file: int) -> None:
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, document, ACTION)
        await DOCUMENT_FILE_DETACH.row(connection, **kind.at(document), file=file)
