"""Documents of a kind: their names, and deletion, which can be undone."""

from typing import Any, Final

from litestar import Response

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import places
from chat_server.access.places import DocumentPlace
from chat_server.http.api_request import ApiRequest
from chat_server.http.paging import page
from chat_server.http.steps.idempotency import once
from chat_server.http.verbatim import created, verbatim

DOCUMENT_BY_ID = query("document_by_id", "kind", "document", "user")
DOCUMENT_CREATE = query("document_create", "kind", "user", "workspace", "name")
DOCUMENT_DELETE = query("document_delete", "kind", "document")
DOCUMENT_RESTORE = query("document_restore", "kind", "document", "user")
DOCUMENT_UPDATE = query("document_update", "kind", "document", "user", "name")
DOCUMENTS_OF_WORKSPACE = query(
    "documents_of_workspace", "kind", "workspace", "user", "deleted", "search", "after", "limit"
)

DELETE_OR_RESTORE: Final = "delete the document, or restore it"


async def listed(
    request: ApiRequest,
    kind: DocumentPlace,
    workspace_id: int,
    *,
    deleted: bool,
    search: str,
    limit: int,
    after_id: int,
) -> Response[Any]:
    """Returns a page of those that the caller is a member of, by id."""
    await places.workspace(request.pool, request.caller, workspace_id, "see the workspace")
    row = await DOCUMENTS_OF_WORKSPACE.one(
        request.pool,
        kind=kind.name,
        workspace=workspace_id,
        user=request.caller.user_id,
        deleted=deleted,
        search=search,
        after=after_id,
        limit=limit,
    )
    return page(request, row)


async def create(
    request: ApiRequest, kind: DocumentPlace, workspace_id: int, name: str, idempotency_key: str | None
) -> Response[Any]:
    """Responds with the new document, which the caller owns."""
    caller = request.caller

    async def make(connection: Connection) -> Response[Any]:
        await places.workspace(connection, caller, workspace_id, kind.create)
        made = await DOCUMENT_CREATE.value(
            connection, kind=kind.name, user=caller.user_id, workspace=workspace_id, name=name
        )
        return created(made, kind.path)

    async def seen(connection: Connection, first: Any) -> None:
        await kind(connection, caller, first["id"], "see the document")

    return await once(request, idempotency_key, make, seen)


async def show(request: ApiRequest, kind: DocumentPlace, document: int) -> Response[Any]:
    await kind(request.pool, request.caller, document, "see the document")
    shown = await DOCUMENT_BY_ID.value(request.pool, **kind.at(document), user=request.caller.user_id)
    return verbatim(places.found(shown))


async def rename(request: ApiRequest, kind: DocumentPlace, document: int, name: str | None) -> Response[Any]:
    """With None the name stays."""
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, document, "change its name and thumbnail")
        changed = await DOCUMENT_UPDATE.value(connection, **kind.at(document), user=request.caller.user_id, name=name)
    return verbatim(places.found(changed))


async def delete(request: ApiRequest, kind: DocumentPlace, document: int) -> None:
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, document, DELETE_OR_RESTORE)
        await DOCUMENT_DELETE.row(connection, **kind.at(document))


async def restore(request: ApiRequest, kind: DocumentPlace, document: int) -> Response[Any]:
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, document, DELETE_OR_RESTORE)
        restored = await DOCUMENT_RESTORE.value(connection, **kind.at(document), user=request.caller.user_id)
    return verbatim(places.found(restored))
