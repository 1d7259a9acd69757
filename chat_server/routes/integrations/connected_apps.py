"""What people let apps do for them: asked on the page /oauth/authorize, listed, and taken back.

The page sends the person's access token in a header, as it does everywhere: no cookie lets an app be connected, so no
other site can do so for somebody.
"""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.tokens import new_secret
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, Id, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.integrations.oauth.asking import asked_by
from chat_server.responses.integrations.apps import AppAnswer, AppQuestion, ConnectedApp
from chat_server.routes.integrations.apps import Scopes
from chat_server.sign_in.freshness import require_fresh, require_session

APP_AGREE = query("app_agree", "maker", "app", "workspace", "scopes", "redirect_uri", "challenge", "hash")
APP_DISCONNECT = query("app_disconnect", "user", "app")
APPS_CONNECTED = query("apps_connected", "user", "after", "limit")

NO_STORE = {"Cache-Control": "no-store"}
AppRequest = Annotated[str, msgspec.Meta(max_length=8000, pattern=ANY_TEXT)]


class Asking(msgspec.Struct, forbid_unknown_fields=True):
    """`request` is the query string with which the app has sent the browser here."""

    request: AppRequest


class Agreement(msgspec.Struct, forbid_unknown_fields=True):
    """`scopes` are those that the person was shown. `workspace_id` binds the app to one of the caller's workspaces,
    even if it has not asked for that."""

    request: AppRequest
    scopes: Scopes
    workspace_id: Id | None = None


@post("/auth/apps/asked", status_code=200, opt={"problems": [404, 422]})
async def ask(request: ApiRequest, data: JSONBody[Asking]) -> Response[AppQuestion]:
    """What an app asks the caller for. Nothing is agreed to by it."""
    require_session(request)
    asked = await asked_by(request, data.request)
    question = {
        "app": asked.app,
        "scopes": asked.scopes,
        "workspace_id": asked.workspace_id,
        "workspaces": asked.workspaces,
        "everywhere": asked.everywhere,
        "returns_to": asked.returns_to,
        "refusal_url": asked.url(error="access_denied", error_description="the person has refused"),
    }
    return Response(msgspec.json.encode(question), media_type="application/json", headers=NO_STORE)  # type: ignore[arg-type]


@post("/auth/apps", status_code=200, opt={"problems": [403, 404, 409, 422]})
async def connect_app(request: ApiRequest, data: JSONBody[Agreement]) -> Response[AppAnswer]:
    """Let an app act for the caller, as it has asked. Needs a fresh sign-in, since it outlasts the session."""
    await require_fresh(request)
    asked = await asked_by(request, data.request)
    if set(data.scopes) != set(asked.scopes):
        # A request without `scope` asks for all that are registered, which the app's owner may have changed since.
        raise Problem(
            409, "app_request_changed", "The app asks for other scopes by now: show them to the person first."
        )
    code, hashed = new_secret()
    async with request.transaction() as connection:
        agreed = await APP_AGREE.value(
            connection,
            maker=request.caller.session_id,
            app=asked.app_id,
            workspace=asked.workspace_id or data.workspace_id,
            scopes=asked.scopes,
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            hash=hashed,
        )
    if not agreed:
        raise Problem(403, "forbidden", "You may not connect this app, or not to this workspace.")
    return Response(AppAnswer(asked.url(code=code)), media_type="application/json", headers=NO_STORE)


@get("/auth/apps")
async def list_connected_apps(
    request: ApiRequest, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[ConnectedApp]]:
    """The apps that may act for the caller, by id."""
    require_session(request)
    row = await APPS_CONNECTED.one(request.pool, user=request.caller.user_id, after=after_id, limit=limit)
    return page(request, row)


@delete("/auth/apps/{app_id:int}")
async def disconnect_app(request: ApiRequest, app_id: PathId) -> None:
    """Take back what an app may do for the caller. Its tokens stop working at once, and its streams close."""
    require_session(request)
    async with request.transaction() as connection:
        ended = await APP_DISCONNECT.rows(connection, user=request.caller.user_id, app=app_id)
    if not ended:
        raise Problem(404, "not_found", "You have not connected this app.")
    request.parts.sessions.forget(request.caller.user_id)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [ask, connect_app, list_connected_apps, disconnect_app]
