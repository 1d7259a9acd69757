"""A person's data, for the person and for the organisation that keeps their account: exported as a zip, and deleted."""

import tempfile
import zipfile
from collections.abc import AsyncIterator
from typing import IO, Final, cast

from anyio import to_thread
from litestar import Response, delete, get
from litestar.response import Stream

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.storage import StoreUnavailable
from chat_server.access import places
from chat_server.access.permissions import OrganizationAction, require_rank
from chat_server.compliance.person_export import write_person
from chat_server.files.uploads import unavailable
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathId
from chat_server.http.steps import feature
from chat_server.parts.deletions import DELETION_PREVIEW, PERSON_DELETE
from chat_server.parts.features import Feature
from chat_server.responses.administration import DeletionPart
from chat_server.routes.documents.document_export import HARMLESS
from chat_server.sign_in.freshness import require_fresh

ACCOUNT_IS_KEPT = query("account_is_kept", "organization", "person")
ACCOUNT_KEEPER = query("account_keeper", "person")
PERSON_EXPORT_BEGIN = query("person_export_begin", "person", "organization")

MEDIA_TYPE: Final = "application/zip"
PIECE: Final = 256 * 1024


@get("/users/me/export", opt={"answers": (MEDIA_TYPE,), "problems": [403]})
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
    opt={"answers": (MEDIA_TYPE,), "problems": [403]},
)
async def export_persons_data(request: ApiRequest, organization_id: PathId, user_id: PathId) -> Stream:
    """All that is stored of a person whose account the organisation keeps, as a zip with a manifest. Needs a fresh
    sign-in. It is in the audit log."""
    feature.require(request, "enable_organizations", organization_id)
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
    feature.require(request, "enable_organizations", organization_id)
    async with request.transaction() as connection:
        await _require(request, connection, organization_id, user_id)
    return await _preview(request, user_id)


@delete("/organizations/{organization_id:int}/members/{user_id:int}/account", opt={"problems": [403, 409]})
async def delete_persons_account(request: ApiRequest, organization_id: PathId, user_id: PathId) -> None:
    """Delete a person whose account the organisation keeps, as they would delete themselves. Needs a fresh sign-in."""
    feature.require(request, "enable_organizations", organization_id)
    await require_fresh(request)
    async with request.transaction() as connection:
        await _require(request, connection, organization_id, user_id)
        await PERSON_DELETE.row(connection, person=user_id, organization=organization_id)
    request.parts.sessions.forget(user_id)


async def _require(request: ApiRequest, connection: Connection, organization_id: int, user_id: int) -> None:
    """The caller is an owner of the organisation, which keeps the person's account."""
    action: OrganizationAction = "export or delete a person's data"
    caller = await places.organization.locked(connection, request.caller, organization_id, action, target=user_id)
    places.require_member(caller.target_role, "organisation")
    require_rank(caller)
    if not await ACCOUNT_IS_KEPT.value(connection, organization=organization_id, person=user_id):
        raise Problem(
            403,
            "accounts_not_kept",
            "An operator lets an organisation look after its members' accounts: SELECT * FROM ops.keep_accounts(id). "
            "A guest's, and that of a member of another organisation, is their own.",
        )


async def _preview(request: ApiRequest, user_id: int) -> Response[list[DeletionPart]]:
    rows = await DELETION_PREVIEW.rows(request.pool, person=user_id)
    return Response([DeletionPart(row["what"], row["amount"], row["happens"], row["why"]) for row in rows])


async def _exported(request: ApiRequest, user_id: int) -> Stream:
    """The zip is complete before the first byte is sent, so a slow reader holds neither a snapshot nor a connection."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the stream
    try:
        async with request.parts.exports.turn(request.asker):
            await _write(request, file, user_id)
        size = file.seek(0, 2)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="person-{user_id}.zip"',
        "Content-Length": str(size),
        **HARMLESS,
    }
    return Stream(_pieces(file), headers=headers, media_type=MEDIA_TYPE)


async def _write(request: ApiRequest, file: IO[bytes], user_id: int) -> None:
    try:
        async with (
            request.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                await write_person(cast("Connection", connection), request.parts.uploads.blobs, archive, user_id)
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
]
