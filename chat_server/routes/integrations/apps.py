"""Apps: programs of others to which people give access by OAuth; docs/integrations/apps.md."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.personal_tokens import Scope
from chat_core.problems import Problem
from chat_core.tokens import hash_secret, new_secret
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, NAME, Id, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.verbatim import verbatim
from chat_server.responses.integrations.apps import App, NewApp
from chat_server.routes.integrations.bots import shown_once
from chat_server.sign_in.freshness import require_fresh, require_session

APP_CREATE = query("app_create", "owner", "workspace", "name", "description", "redirect_uris", "scopes", "secret_hash")
APP_DELETE = query("app_delete", "app")
APP_LOCK = query("app_lock", "app")
APP_SECRET_SET = query("app_secret_set", "app", "secret_hash")
APP_UPDATE = query("app_update", "app", "name", "description", "redirect_uris", "scopes", "owner")
APPS_OF_WORKSPACE = query("apps_of_workspace", "workspace", "after", "limit")

SECRET_PREFIX = "fcs_"  # noqa: S105 for scanners

AppName = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=NAME)]
AppDescription = Annotated[str, msgspec.Meta(max_length=500, pattern=ANY_TEXT)]
RedirectUri = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=ANY_TEXT)]
RedirectUris = Annotated[list[RedirectUri], msgspec.Meta(min_length=1, max_length=10)]
Scopes = Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=32)]


class AppWish(msgspec.Struct, forbid_unknown_fields=True):
    """The caller becomes its owner. `redirect_uris` are compared character by character. `confidential`: it keeps a
    secret, as programs on servers can; those in browsers and on devices cannot."""

    name: AppName
    redirect_uris: RedirectUris
    scopes: Scopes
    description: AppDescription = ""
    confidential: bool = True


class AppChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. What people have agreed to stays, too."""

    name: AppName | None = None
    redirect_uris: RedirectUris | None = None
    scopes: Scopes | None = None
    description: AppDescription | None = None
    owner_id: Id | None = None


@post("/workspaces/{workspace_id:int}/apps", opt={"problems": [409, 422]})
async def create_app(request: ApiRequest, workspace_id: PathId, data: JSONBody[AppWish]) -> Response[NewApp]:
    """Register an app, which members of the workspace can connect. Needs a fresh sign-in. The response alone has the
    secret of a confidential one."""
    await require_fresh(request)
    secret = _new_secret() if data.confidential else None
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, "register and manage apps in it")
        made = await APP_CREATE.value(
            connection,
            owner=request.caller.user_id,
            workspace=workspace_id,
            name=data.name,
            description=data.description,
            redirect_uris=data.redirect_uris,
            scopes=data.scopes,
            secret_hash=hash_secret(secret) if secret else None,
        )
    return _with_secret(made, secret)


@get("/workspaces/{workspace_id:int}/apps")
async def list_apps(
    request: ApiRequest, workspace_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[App]]:
    """The apps of a workspace, by id."""
    await places.workspace(request.pool, request.caller, workspace_id, "see the workspace")
    return page(request, await APPS_OF_WORKSPACE.one(request.pool, workspace=workspace_id, after=after_id, limit=limit))


@patch("/apps/{app_id:int}", opt={"problems": [422]})
async def change_app(request: ApiRequest, app_id: PathId, data: JSONBody[AppChange]) -> Response[App]:
    """Change an app, or give it another owner: an active member of its workspace. Needs a fresh sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await _managed(connection, request, app_id)
        changed = await APP_UPDATE.value(
            connection,
            app=app_id,
            name=data.name,
            description=data.description,
            redirect_uris=data.redirect_uris,
            scopes=data.scopes,
            owner=data.owner_id,
        )
    return verbatim(changed)


@post("/apps/{app_id:int}/secret", opt={"problems": [409]})
async def replace_secret(request: ApiRequest, app_id: PathId) -> Response[NewApp]:
    """Make a new secret for a confidential app. Needs a fresh sign-in. The former one stops working at once."""
    await require_fresh(request)
    secret = _new_secret()
    async with request.transaction() as connection:
        await _managed(connection, request, app_id)
        changed = await APP_SECRET_SET.value(connection, app=app_id, secret_hash=hash_secret(secret))
    if changed is None:
        raise Problem(409, "app_is_public", "A public app has no secret.")
    return _with_secret(changed, secret)


@delete("/apps/{app_id:int}")
async def delete_app(request: ApiRequest, app_id: PathId) -> None:
    """Delete an app. What it may do for people ends, with its streams."""
    require_session(request)
    async with request.transaction() as connection:
        await _managed(connection, request, app_id)
        people = await APP_DELETE.rows(connection, app=app_id)
    for row in people:
        request.parts.sessions.forget(row["user_id"])


async def _managed(connection: Connection, request: ApiRequest, app_id: int) -> None:
    """Raises Problem 404 or 403 unless the caller may manage the app, which stays as it is until the transaction
    ends: its owner may, and admins of its workspace."""
    app = await APP_LOCK.row(connection, app=app_id)
    seen = app and await places.workspace.of(connection, request.caller.user_id, app["workspace_id"])
    if not app or not seen or not seen.role:
        raise Problem(404, "not_found", "There is no such app, or you may not see it.")
    if app["owner_id"] != request.caller.user_id:
        await places.workspace(connection, request.caller, app["workspace_id"], "register and manage apps in it")


def _new_secret() -> str:
    return SECRET_PREFIX + new_secret()[0]


def _with_secret(made: str, secret: str | None) -> Response[NewApp]:
    if secret:
        return shown_once(made, client_secret=secret)
    return verbatim(msgspec.json.encode({**msgspec.json.decode(made), "client_secret": None}).decode(), 201)


FEATURE = "enable_bot_messages"
SCOPES = scopes.Scopes("workspaces:read", None)
HANDLERS = [create_app, list_apps, change_app, replace_secret, delete_app]
