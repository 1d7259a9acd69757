"""Where bots are asked, and the commands that lead to them; docs/integrations/commands.md."""

from secrets import token_hex
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.outgoing.refused import Refused
from chat_core.outgoing.signing import SigningKey
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import ANY_TEXT, NAME, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.verbatim import verbatim
from chat_server.integrations.slack.asking import slacks_secret
from chat_server.integrations.slack.events import answers_challenge
from chat_server.responses.integrations.commands import BotEvent, Command, Endpoint, NewEndpoint
from chat_server.routes.integrations.bots import BOT_BY_ID, managed, shown_once
from chat_server.sign_in.freshness import require_fresh, require_session

COMMAND_CREATE = query("command_create", "bot", "workspace", "name", "description", "usage")
COMMAND_DELETE = query("command_delete", "bot", "command")
COMMANDS_OF_WORKSPACE = query("commands_of_workspace", "workspace", "after", "limit")
ENDPOINT_EVENTS_SET = query("endpoint_events_set", "bot", "url", "secret", "events")
ENDPOINT_SECRET = query("endpoint_secret", "bot")
ENDPOINT_OF_BOT = query("endpoint_of_bot", "bot")
ENDPOINT_REMOVE = query("endpoint_remove", "bot")
ENDPOINT_SET = query("endpoint_set", "bot", "url", "secret")

COMMAND_NAME = r"^[a-z0-9][a-z0-9_-]*$(?!\n)"
CommandName = Annotated[str, msgspec.Meta(min_length=1, max_length=32, pattern=COMMAND_NAME)]


class EndpointWish(msgspec.Struct, forbid_unknown_fields=True):
    """An address that begins with https://, or one that the operator allows."""

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=2048, pattern=ANY_TEXT)]


class EventsWish(msgspec.Struct, forbid_unknown_fields=True):
    """`message` is each message of a person in the bot's chats, `app_mention` each that mentions it; none: nothing."""

    events: Annotated[list[BotEvent], msgspec.Meta(max_length=2)]


class NewCommand(msgspec.Struct, forbid_unknown_fields=True):
    """`deploy` is typed as `/deploy`. `usage` says what may follow it, such as `[branch]`."""

    name: CommandName
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NAME)]
    usage: Annotated[str, msgspec.Meta(max_length=200, pattern=ANY_TEXT)] = ""


@put("/bots/{bot_id:int}/endpoint", opt={"problems": [422]})
async def set_endpoint(request: ApiRequest, bot_id: PathId, data: JSONBody[EndpointWish]) -> Response[NewEndpoint]:
    """Say where a bot is asked. Needs a fresh sign-in. The response alone has the secrets; repeating it makes new
    ones."""
    await require_fresh(request)
    try:
        request.parts.outgoing.check(data.url)
    except Refused as error:
        invalid(FieldError("url", f"an address that may be asked: {error}"))
    key = SigningKey.new("v1")
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        await ENDPOINT_SET.row(connection, bot=bot_id, url=data.url, secret=key.secret)
        row = await ENDPOINT_OF_BOT.one(connection, bot=bot_id)
    made = msgspec.json.encode(dict(row)).decode()
    response = shown_once(made, secret=key.shown, slack_secret=slacks_secret(key.secret))
    response.status_code = 200
    return response


@get("/bots/{bot_id:int}/endpoint")
async def show_endpoint(request: ApiRequest, bot_id: PathId) -> Response[Endpoint]:
    """Where a bot is asked."""
    require_session(request)
    await managed(request.pool, request, bot_id, BOT_BY_ID)
    row = await ENDPOINT_OF_BOT.row(request.pool, bot=bot_id)
    if row is None:
        raise _no_endpoint()
    return verbatim(msgspec.json.encode(dict(row)).decode())


@delete("/bots/{bot_id:int}/endpoint")
async def remove_endpoint(request: ApiRequest, bot_id: PathId) -> None:
    """Ask a bot nothing any more: its commands and buttons do nothing."""
    require_session(request)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        gone = await ENDPOINT_REMOVE.value(connection, bot=bot_id)
    if gone is None:
        raise _no_endpoint()


@put("/bots/{bot_id:int}/endpoint/events", opt={"problems": [422]})
async def set_endpoint_events(request: ApiRequest, bot_id: PathId, data: JSONBody[EventsWish]) -> Response[Endpoint]:
    """Say which events of its chats a bot is told, if any. Its endpoint has to answer a challenge first, as Slack's
    `url_verification` has it."""
    require_session(request)
    await managed(request.pool, request, bot_id, BOT_BY_ID)
    asked = await ENDPOINT_SECRET.row(request.pool, bot=bot_id)
    if asked is None:
        raise _no_endpoint()
    challenge = token_hex(16)
    url, secret = asked["url"], asked["secret"]
    if data.events and not await answers_challenge(request.parts.outgoing, url, secret, challenge):
        raise Problem(422, "endpoint_not_verified", "The endpoint did not answer the challenge that was sent to it.")
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        events = sorted(set(data.events))
        changed = await ENDPOINT_EVENTS_SET.row(connection, bot=bot_id, url=url, secret=secret, events=events)
        row = await ENDPOINT_OF_BOT.row(connection, bot=bot_id)
    if row is None:
        raise _no_endpoint()
    if changed is None:
        raise Problem(422, "endpoint_not_verified", "The endpoint was changed while it was asked; try again.")
    return verbatim(msgspec.json.encode(dict(row)).decode())


def _no_endpoint() -> Problem:
    return Problem(404, "not_found", "The bot has no endpoint.")


@post("/bots/{bot_id:int}/commands", opt={"problems": [409, 422]})
async def create_command(request: ApiRequest, bot_id: PathId, data: JSONBody[NewCommand]) -> Response[Command]:
    """Create a command of a bot. Its name is unique in the workspace; a bot has at most 50."""
    require_session(request)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        bot = await BOT_BY_ID.one(connection, bot=bot_id)
        made = await COMMAND_CREATE.value(
            connection,
            bot=bot_id,
            workspace=bot["workspace_id"],
            name=data.name,
            description=data.description,
            usage=data.usage,
        )
    return verbatim(made, 201)


@delete("/bots/{bot_id:int}/commands/{command_id:int}")
async def delete_command(request: ApiRequest, bot_id: PathId, command_id: PathId) -> None:
    """Delete a command of a bot."""
    require_session(request)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        gone = await COMMAND_DELETE.value(connection, bot=bot_id, command=command_id)
    if gone is None:
        raise Problem(404, "not_found", "The bot has no command with this id.")


@get("/workspaces/{workspace_id:int}/commands", opt={"scopes": scopes.WORKSPACES})
async def list_commands(
    request: ApiRequest, workspace_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Command]]:
    """The commands of a workspace, by id, for its members."""
    await places.workspace(request.pool, request.caller, workspace_id, "see the workspace")
    row = await COMMANDS_OF_WORKSPACE.one(request.pool, workspace=workspace_id, after=after_id, limit=limit)
    return page(request, row)


FEATURE = "enable_bot_messages"
SCOPES = scopes.SESSION_ONLY
HANDLERS = [
    set_endpoint,
    set_endpoint_events,
    show_endpoint,
    remove_endpoint,
    create_command,
    delete_command,
    list_commands,
]
