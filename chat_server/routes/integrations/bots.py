"""Bots: users that programs post as, with an owner, in one workspace; docs/integrations/bots.md."""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import Query, query
from chat_core.personal_tokens import Scope, new_token
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, NAME, FullName, Id, PathId, Username
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.verbatim import verbatim
from chat_server.responses.auth import NewPersonalToken, PersonalToken
from chat_server.responses.integrations.bots import Bot
from chat_server.routes.identity.tokens import LONGEST_LIFE_DAYS, TOKEN_END, TOKENS_OF_USER
from chat_server.sign_in.freshness import require_fresh, require_session

BOT_BY_ID = query("bot_by_id", "bot")
BOT_CREATE = query("bot_create", "owner", "workspace", "username", "fullname", "description")
BOT_DELETE = query("bot_delete", "bot")
BOT_LOCK = query("bot_lock", "bot")
BOT_TOKEN_OPEN = query("bot_token_open", "bot", "hash", "name", "scopes", "days")
BOT_UPDATE = query("bot_update", "bot", "owner", "description", "fullname")
BOTS_OF_WORKSPACE = query("bots_of_workspace", "workspace", "after", "limit")

NO_BOT = "There is no such bot, or you may not see it."
BotDescription = Annotated[str, msgspec.Meta(max_length=500, pattern=ANY_TEXT)]


class NewBot(msgspec.Struct, forbid_unknown_fields=True):
    """The caller becomes its owner. `description` says what it does."""

    username: Username
    fullname: FullName
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NAME)] | None = None


class BotChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. An empty `description` removes it."""

    fullname: FullName | None = None
    description: BotDescription | None = None
    owner_id: Id | None = None


class BotTokenWish(msgspec.Struct, forbid_unknown_fields=True):
    """`name` says which program it is for. It ends after `days`."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=NAME)]
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=32)]
    days: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_LIFE_DAYS)]


@post("/workspaces/{workspace_id:int}/bots", opt={"problems": [409, 422]})
async def create_bot(request: ApiRequest, workspace_id: PathId, data: JSONBody[NewBot]) -> Response[Bot]:
    """Create a bot. It is a member of the workspace, and sees what any member sees. Add it to chats as one."""
    require_session(request)
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, "create a bot in it")
        made: int = await BOT_CREATE.value(
            connection,
            owner=request.caller.user_id,
            workspace=workspace_id,
            username=data.username,
            fullname=data.fullname,
            description=data.description,
        )
        shown = await _json(connection, made)
    return verbatim(shown, 201)


@get("/workspaces/{workspace_id:int}/bots")
async def list_bots(
    request: ApiRequest, workspace_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Bot]]:
    """The bots of a workspace, by id."""
    await places.workspace(request.pool, request.caller, workspace_id, "see the workspace")
    return page(request, await BOTS_OF_WORKSPACE.one(request.pool, workspace=workspace_id, after=after_id, limit=limit))


@patch("/bots/{bot_id:int}", opt={"problems": [422]})
async def change_bot(request: ApiRequest, bot_id: PathId, data: JSONBody[BotChange]) -> Response[Bot]:
    """Rename a bot, describe it, or give it another owner: an active member of the workspace. One whose owner has left
    comes back to life with a new one."""
    require_session(request)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        await BOT_UPDATE.row(
            connection, bot=bot_id, owner=data.owner_id, description=data.description, fullname=data.fullname
        )
        shown = await _json(connection, bot_id)
    return verbatim(shown)


@delete("/bots/{bot_id:int}")
async def delete_bot(request: ApiRequest, bot_id: PathId) -> None:
    """Delete a bot, with its tokens and webhooks. What it has posted stays."""
    require_session(request)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        await BOT_DELETE.row(connection, bot=bot_id)
    request.parts.sessions.forget(bot_id)


@post("/bots/{bot_id:int}/tokens", opt={"problems": [409, 422]})
async def make_bot_token(
    request: ApiRequest, bot_id: PathId, data: JSONBody[BotTokenWish]
) -> Response[NewPersonalToken]:
    """Make a token that a program uses as the bot. Needs a fresh sign-in. The response alone has the token itself."""
    await require_fresh(request)
    token, hashed = new_token()
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        made = await BOT_TOKEN_OPEN.value(
            connection, bot=bot_id, hash=hashed, name=data.name, scopes=data.scopes, days=data.days
        )
    if made is None:
        raise Problem(409, "bot_suspended", "The bot is suspended: give it an owner first.")
    return shown_once(made, token=token)


@get("/bots/{bot_id:int}/tokens")
async def list_bot_tokens(
    request: ApiRequest, bot_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[PersonalToken]]:
    """The tokens of a bot that have not ended, by id."""
    require_session(request)
    await managed(request.pool, request, bot_id, BOT_BY_ID)
    return page(request, await TOKENS_OF_USER.one(request.pool, user=bot_id, after=after_id, limit=limit))


@delete("/bots/{bot_id:int}/tokens/{token_id:int}")
async def end_bot_token(request: ApiRequest, bot_id: PathId, token_id: PathId) -> None:
    """End a token of a bot, and its streams."""
    require_session(request)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        ended = await TOKEN_END.value(connection, user=bot_id, target=token_id)
    if ended is None:
        raise Problem(404, "not_found", "The bot has no token with this id.")
    request.parts.sessions.forget(bot_id)


async def managed(connection: Connection | Pool, request: ApiRequest, bot_id: int, found: Query = BOT_LOCK) -> None:
    """Raises Problem 404 or 403 unless the caller may manage the bot: as its owner, or as an admin of its workspace. It
    stays as it is for the rest of the transaction, unless it is only read (BOT_BY_ID)."""
    bot = await found.row(connection, bot=bot_id)
    seen = bot and await places.workspace.of(connection, request.caller.user_id, bot["workspace_id"])
    if not bot or not seen or not seen.role:
        raise Problem(404, "not_found", NO_BOT)
    if bot["owner_id"] != request.caller.user_id:
        await places.workspace(connection, request.caller, bot["workspace_id"], "manage others' bots")


async def _json(connection: Connection, bot_id: int) -> str:
    shown: str = (await BOT_BY_ID.one(connection, bot=bot_id))["json"]
    return shown


def shown_once(made: str, **secrets: str) -> Response[Any]:
    """What was made, with secrets that nothing stores, neither here nor in a cache."""
    content = {**msgspec.json.decode(made, type=dict[str, msgspec.Raw]), **secrets}
    response = verbatim(msgspec.json.encode(content).decode(), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


FEATURE = "enable_bot_messages"
SCOPES = scopes.Scopes("workspaces:read", None)
HANDLERS = [create_bot, list_bots, change_bot, delete_bot, make_bot_token, list_bot_tokens, end_bot_token]
