"""The members of a document, and their roles."""

from typing import Any

from litestar import Response

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import members, places
from chat_server.access.permissions import require_rank
from chat_server.access.places import DocumentPlace
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import DocumentRole
from chat_server.http.paging import page
from chat_server.http.steps.idempotency import once
from chat_server.http.verbatim import verbatim
from chat_server.routes.documents.documents import DOCUMENT_BY_ID

DOCUMENT_MEMBER_ADD = query("document_member_add", "kind", "document", "user", "role", "inviter")
DOCUMENT_MEMBER_REMOVE = query("document_member_remove", "kind", "document", "user")
DOCUMENT_MEMBER_SET_ROLE = query("document_member_set_role", "kind", "document", "user", "role")
DOCUMENT_MEMBERS = query("document_members", "kind", "document", "after", "limit")
DOCUMENT_TRANSFER = query("document_transfer", "kind", "document", "user", "target")


async def listed(request: ApiRequest, kind: DocumentPlace, document: int, limit: int, after_id: int) -> Response[Any]:
    await kind(request.pool, request.caller, document, "list its members")
    row = await DOCUMENT_MEMBERS.one(request.pool, **kind.at(document), after=after_id, limit=limit)
    return page(request, row)


async def add(
    request: ApiRequest,
    kind: DocumentPlace,
    document: int,
    user_id: int,
    role: DocumentRole,
    idempotency_key: str | None,
) -> Response[Any]:
    """Adds a user of the workspace, with at most the caller's role."""
    caller = request.caller

    async def create(connection: Connection) -> Response[Any]:
        access = await kind.locked(connection, caller, document, "add a member")
        require_rank(access, granted=role)
        return verbatim(places.found(await let_in(connection, kind, document, user_id, role, caller.user_id)), 201)

    return await once(request, idempotency_key, create, kind.still(caller, document, "list its members"))


async def let_in(
    connection: Connection, kind: DocumentPlace, document: int, user_id: int, role: str, inviter: int
) -> str | None:
    """The member as JSON; None if there is no such document. The caller checks permissions."""
    added: str | None = await DOCUMENT_MEMBER_ADD.value(
        connection, **kind.at(document), user=user_id, role=role, inviter=inviter
    )
    return added


async def set_role(
    request: ApiRequest, kind: DocumentPlace, document: int, user_id: int, role: DocumentRole
) -> Response[Any]:
    return await members.set_role(request, kind, DOCUMENT_MEMBER_SET_ROLE, document, user_id, role)


async def remove(request: ApiRequest, kind: DocumentPlace, document: int, user_id: int) -> None:
    """With the caller's own id: leave."""
    await members.remove(request, kind, DOCUMENT_MEMBER_REMOVE, document, user_id)


async def transfer(request: ApiRequest, kind: DocumentPlace, document: int, heir: int) -> Response[Any]:
    """Responds with the document as the caller, now an editor, sees it."""
    return await members.transfer(request, kind, DOCUMENT_TRANSFER, DOCUMENT_BY_ID, document, heir)
