"""Named versions of documents. Their kind reads, compares and restores them."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Response

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.documents.stored import PART_BYTES, joined
from chat_core.problems import Problem
from chat_server.access.places import DocumentPlace
from chat_server.http.api_request import ApiRequest
from chat_server.http.paging import page
from chat_server.http.steps.idempotency import once
from chat_server.http.verbatim import created, verbatim

DOCUMENT_VERSION_BY_ID = query("document_version_by_id", "kind", "document", "version")
DOCUMENT_VERSION_CREATE = query("document_version_create", "kind", "document", "user", "name", "seq", "state")
DOCUMENT_VERSION_CREATOR = query("document_version_creator", "kind", "document", "version")
DOCUMENT_VERSION_DELETE = query("document_version_delete", "kind", "document", "version")
DOCUMENT_VERSION_RENAME = query("document_version_rename", "kind", "document", "version", "name")
DOCUMENT_VERSION_STATE = query("document_version_state", "kind", "document", "version", "part_bytes")
DOCUMENT_VERSIONS = query("document_versions", "kind", "document", "after", "limit")

ACTION: Final = "make, rename or restore a version"


@dataclass(frozen=True, slots=True)
class Kept:
    """A version's content: the document's state, as its kind stores it, after its first `seq` edits."""

    name: str
    seq: int
    state: bytes


async def listed(request: ApiRequest, kind: DocumentPlace, document: int, limit: int, after_id: int) -> Response[Any]:
    await kind(request.pool, request.caller, document, "see the document")
    row = await DOCUMENT_VERSIONS.one(request.pool, **kind.at(document), after=after_id, limit=limit)
    return page(request, row)


async def keep(
    request: ApiRequest,
    kind: DocumentPlace,
    document: int,
    name: str,
    seq: int,
    state: bytes,
    idempotency_key: str | None,
) -> Response[Any]:
    """A version of `state`, which the document had after its first `seq` edits."""
    caller = request.caller

    async def create(connection: Connection) -> Response[Any]:
        await kind.locked(connection, caller, document, ACTION)
        made = await DOCUMENT_VERSION_CREATE.value(
            connection, **kind.at(document), user=caller.user_id, name=name, seq=seq, state=state
        )
        return created(found(made), f"{kind.path}/{document}/versions")

    return await once(request, idempotency_key, create, kind.still(caller, document, "see the document"))


async def show(request: ApiRequest, kind: DocumentPlace, document: int, version: int) -> Response[Any]:
    await kind(request.pool, request.caller, document, "see the document")
    return verbatim(found(await DOCUMENT_VERSION_BY_ID.value(request.pool, **kind.at(document), version=version)))


async def rename(
    request: ApiRequest, kind: DocumentPlace, document: int, version: int, name: str | None
) -> Response[Any]:
    """With None the name stays."""
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, document, ACTION)
        renamed = await DOCUMENT_VERSION_RENAME.value(connection, **kind.at(document), version=version, name=name)
    return verbatim(found(renamed))


async def delete(request: ApiRequest, kind: DocumentPlace, document: int, version: int) -> None:
    """Deletes it for good."""
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, document, ACTION)
        row = await DOCUMENT_VERSION_CREATOR.row(connection, **kind.at(document), version=version)
        if row is None:
            raise no_version()
        if row["created_by"] != request.caller.user_id:
            await kind(connection, request.caller, document, "delete others' versions")
        await DOCUMENT_VERSION_DELETE.row(connection, **kind.at(document), version=version)


async def kept(pool: Pool, kind: DocumentPlace, document: int, version: int) -> Kept:
    """Raises Problem 404 if there is none. The caller checks permissions."""
    parts = await DOCUMENT_VERSION_STATE.rows(pool, **kind.at(document), version=version, part_bytes=PART_BYTES)
    if not parts:
        raise no_version()
    return Kept(parts[0]["name"], parts[0]["seq"], joined(parts))


def found(version: str | None) -> str:
    if version is None:
        raise no_version()
    return version


def no_version() -> Problem:
    return Problem(404, "not_found", "There is no such version.")
