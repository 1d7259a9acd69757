"""Personal access tokens: made in a session, for programs; docs/identity/tokens.md."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.personal_tokens import Scope, new_token
from chat_core.problems import Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import NAME, Id, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.authentication import unauthorized
from chat_server.http.verbatim import verbatim
from chat_server.responses.auth import NewPersonalToken, PersonalToken
from chat_server.sign_in.freshness import require_fresh, require_session

TOKEN_END = query("token_end", "user", "target")
TOKEN_OPEN = query("token_open", "session", "hash", "name", "scopes", "days", "workspace")
TOKENS_OF_USER = query("tokens_of_user", "user", "after", "limit")

LONGEST_LIFE_DAYS = 365


class TokenWish(msgspec.Struct, forbid_unknown_fields=True):
    """`name` says what the token is for. It ends after `days`. `workspace_id` binds it to one of the user's workspaces:
    it opens nothing else."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=NAME)]
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=32)]
    days: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_LIFE_DAYS)]
    workspace_id: Id | None = None


@get("/auth/tokens")
async def list_tokens(
    request: ApiRequest, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[PersonalToken]]:
    """The caller's personal access tokens that have not ended, by id."""
    row = await TOKENS_OF_USER.one(request.pool, user=request.caller.user_id, after=after_id, limit=limit)
    return page(request, row)


@post("/auth/tokens", opt={"problems": [403, 409, 422]})
async def make_token(request: ApiRequest, data: JSONBody[TokenWish]) -> Response[NewPersonalToken]:
    """Make a personal access token. Needs a fresh sign-in. The response alone has the token itself."""
    await require_fresh(request)
    token, hashed = new_token()
    async with request.transaction() as connection:
        made: str | None = await TOKEN_OPEN.value(
            connection,
            session=request.caller.session_id,
            hash=hashed,
            name=data.name,
            scopes=data.scopes,
            days=data.days,
            workspace=data.workspace_id,
        )
    if made is None:
        raise unauthorized("This session has ended; sign in again.")
    content = {**msgspec.json.decode(made, type=dict[str, msgspec.Raw]), "token": token}
    response = verbatim(msgspec.json.encode(content).decode(), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


@delete("/auth/tokens/{token_id:int}")
async def end_token(request: ApiRequest, token_id: PathId) -> None:
    """End one of the caller's personal access tokens, and its streams."""
    require_session(request)
    async with request.transaction() as connection:
        ended = await TOKEN_END.value(connection, user=request.caller.user_id, target=token_id)
    if ended is None:
        raise Problem(404, "not_found", "You have no personal access token with this id.")
    request.parts.sessions.forget(request.caller.user_id)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [list_tokens, make_token, end_token]
