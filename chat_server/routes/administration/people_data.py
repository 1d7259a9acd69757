"""A person's data, for the person and for the organisation that keeps their account: exported as a zip, and deleted."""

from collections.abc import AsyncIterator
from typing import IO, Annotated, Final, cast

from anyio import to_thread
from litestar import Response, delete, get
from litestar.params import QueryParameter
from litestar.response import Stream

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.storage import StoreUnavailable
from chat_server.access import places
from chat_server.access.actions import OrganizationAction
from chat_server.access.permissions import OrganizationAccess, require_rank
from chat_server.background.deletions import DELETION_PREVIEW, PERSON_DELETE
from chat_server.compliance.person_export import TooLarge, write_person
from chat_server.files.uploads import unavailable
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.attachments import attachment
from chat_server.http.fields import PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.parts.exports import MOST_BYTES
from chat_server.parts.features import Feature
from chat_server.responses.administration import Deletion, DeletionPart
from chat_server.routes.administration.kept_accounts import require_kept_account
from chat_server.sign_in.freshness import require_fresh

ACCOUNT_KEEPER = query("account_keeper", "person")
DELETIONS_OF_ORGANIZATION = query("deletions_of_organization", "organization", "viewer", "is_done", "after", "limit")
PERSON_EXPORT_BEGIN = query("person_export_begin", "person", "organization")

EXPORT_OR_DELETE: Final[OrganizationAction] = "export or delete a person's data"

Done = Annotated[bool | None, QueryParameter(description="Only those that are done, or only those that are not.")]

MEDIA_TYPE: Final = "application/zip"
PIECE: Final = 256 * 1024


@get("/users/me/export", opt={"answers": (MEDIA_TYPE,), "problems": [403, 409]})
async def export_own_data(request: ApiRequest) -> Stream:
    """All that is stored of the caller, as a zip with a manifest. Needs a fresh sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await PERSON_EXPORT_BEGIN.row(connection, person=request.caller.user_id, organization=None)
    return await _exported(request, request.caller.user_id)


@get("/users/me/deletion")
async def preview_own_deletion(request: ApiRequest) -> Response[list[DeletionPart]]:
    """What would go if the caller deleted themselves, and what would stay and why. It changes nothing."""
    return await _preview(request, request.caller.user_id)


@delete("/users/me", opt={"problems": [403, 409]})
async def delete_own_account(request: ApiRequest) -> None:
    """Delete the caller: the account at once, and messages, files and names within minutes. What others have said
    stays, and what a legal hold keeps stays until it ends. There is no way back. Needs a fresh sign-in; an account
    that an organisation keeps is deleted by its owners."""
    await require_fresh(request)
    if await ACCOUNT_KEEPER.value(request.pool, person=request.caller.user_id) is not None:
        raise Problem(403, "account_is_kept", "An organisation keeps this account: its owners delete it.")
    async with request.transaction() as connection:
        await PERSON_DELETE.row(connection, person=request.caller.user_id, organization=None)
    request.parts.sessions.forget(request.caller.user_id)


@get(
    "/organizations/{organization_id:int}/members/{user_id:int}/export",
    opt={"answers": (MEDIA_TYPE,), "problems": [403, 409]},
)
async def export_persons_data(request: ApiRequest, organization_id: PathId, user_id: PathId) -> Stream:
    """All that is stored of a person whose account the organisation keeps, as a zip with a manifest. Needs a fresh
    sign-in. It is in the audit log."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await _require(request, connection, organization_id, user_id)
        await PERSON_EXPORT_BEGIN.row(connection, person=user_id, organization=organization_id)
    return await _exported(request, user_id)


@get("/organizations/{organization_id:int}/members/{user_id:int}/deletion", opt={"problems": [403]})
async def preview_deletion(
    request: ApiRequest, organization_id: PathId, user_id: PathId
) -> Response[list[DeletionPart]]:
    """What would go with a person whose account the organisation keeps, and what would stay and why."""
    caller = await places.organization(request.pool, request.caller, organization_id, EXPORT_OR_DELETE, target=user_id)
    await _require_kept(request.pool, caller, organization_id, user_id)
    return await _preview(request, user_id)


@delete("/organizations/{organization_id:int}/members/{user_id:int}/account", opt={"problems": [403, 409]})
async def delete_persons_account(request: ApiRequest, organization_id: PathId, user_id: PathId) -> None:
    """Delete a person whose account the organisation keeps, as they would delete themselves. Needs a fresh sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await _require(request, connection, organization_id, user_id)
        await PERSON_DELETE.row(connection, person=user_id, organization=organization_id)
    request.parts.sessions.forget(user_id)


@get("/organizations/{organization_id:int}/deletions")
async def list_deletions(
    request: ApiRequest,
    organization_id: PathId,
    done: Done = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[Deletion]]:
    """How far the deletions are of people who were in the organisation, by user id: of those that are done, of those
    that are not, or of all. Whoever has deleted the person, they are there."""
    await places.organization(request.pool, request.caller, organization_id, EXPORT_OR_DELETE)
    row = await DELETIONS_OF_ORGANIZATION.one(
        request.pool,
        organization=organization_id,
        viewer=request.caller.user_id,
        is_done=done,
        after=after_id,
        limit=limit,
    )
    return page(request, row)


async def _require(request: ApiRequest, connection: Connection, organization_id: int, user_id: int) -> None:
    """The caller is an owner of the organisation, which keeps the person's account; both until the end of the
    transaction."""
    caller = await places.organization.locked(
        connection, request.caller, organization_id, EXPORT_OR_DELETE, target=user_id
    )
    await _require_kept(connection, caller, organization_id, user_id)


async def _require_kept(
    connection: Connection | Pool, caller: OrganizationAccess, organization_id: int, user_id: int
) -> None:
    places.require_member(caller.target_role, "organisation")
    require_rank(caller)
    await require_kept_account(connection, organization_id, user_id)


async def _preview(request: ApiRequest, user_id: int) -> Response[list[DeletionPart]]:
    rows = await DELETION_PREVIEW.rows(request.pool, person=user_id)
    return Response([DeletionPart(row["what"], row["amount"], row["happens"], row["why"]) for row in rows])


async def _exported(request: ApiRequest, user_id: int) -> Stream:
    """The zip is complete before the first byte is sent, so a slow reader holds neither a snapshot nor a connection."""
    async with request.parts.exports.file(request.asker) as file:
        await _write(request, file, user_id)
        size = file.seek(0, 2)
        file.seek(0)
    headers = {**attachment(f"person-{user_id}.zip"), "Content-Length": str(size)}
    return Stream(_pieces(file), headers=headers, media_type=MEDIA_TYPE)


async def _write(request: ApiRequest, file: IO[bytes], user_id: int) -> None:
    try:
        async with request.pool.acquire() as connection:
            await write_person(
                cast("Connection", connection), request.parts.uploads.blobs, file, user_id, most_bytes=MOST_BYTES
            )
    except TooLarge as error:
        detail = f"There is {error}: an operator exports it with `fechatter export person`."
        raise Problem(409, "export_too_large", detail) from error
    except StoreUnavailable as error:
        raise unavailable(error) from error


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await to_thread.run_sync(file.read, PIECE):
            yield piece


SCOPES = scopes.SESSION_ONLY
FEATURE: Feature = "enable_advanced_admin"
HANDLERS = [
    export_own_data,
    preview_own_deletion,
    delete_own_account,
    export_persons_data,
    preview_deletion,
    delete_persons_account,
    list_deletions,
]
