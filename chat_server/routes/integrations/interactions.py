"""Commands that are typed, buttons that are pressed, and what bots say to one person alone."""

import time
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.permissions import forbidden
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import metadata_json
from chat_server.http.fields import ANY_TEXT, Content, Id, Metadata, PathId, PathIdOrZero, PathSecret
from chat_server.http.paging import AfterId
from chat_server.http.steps import limits
from chat_server.http.verbatim import verbatim
from chat_server.integrations.slack.answers import Json, SlackError, answered
from chat_server.integrations.slack.asking import Asked, ask
from chat_server.integrations.slack.ids import slack_id, ts_of
from chat_server.integrations.slack.interactions.presses import action_of
from chat_server.integrations.slack.interactions.response_urls import PATH, Occasion
from chat_server.integrations.slack.interactions.triggers import Trigger
from chat_server.integrations.slack.shapes import message_shape
from chat_server.responses.integrations.commands import BotAnswer, PrivateAnswer, PrivateContent
from chat_server.routes.integrations.commands import CommandName
from chat_server.routes.integrations.replies import carried_out, charge_if_said_to_chat, tell

ASKED_BY_COMMAND = query("asked_by_command", "chat", "user", "name")
ASKED_BY_PRESS = query("asked_by_press", "chat", "user", "message")
BOT_IN_USE = query("bot_in_use", "bot")
PRIVATE_ANSWERS_OF_USER = query("private_answers_of_user", "user", "after")


class TypedCommand(msgspec.Struct, forbid_unknown_fields=True):
    """`name` of `/name`, and what follows it."""

    name: CommandName
    text: Annotated[str, msgspec.Meta(max_length=4000, pattern=ANY_TEXT)] = ""


class Press(msgspec.Struct, forbid_unknown_fields=True):
    """A button or menu of a message's `metadata.blocks`, by its `action_id`, and by `block_id` if several have this
    one. `chosen` is of a menu the value of its option, of a `users_select` the user's id, of a `datepicker` the day."""

    action_id: Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=ANY_TEXT)]
    block_id: Annotated[str, msgspec.Meta(max_length=255, pattern=ANY_TEXT)] | None = None
    chosen: Annotated[str, msgspec.Meta(max_length=255, pattern=ANY_TEXT)] | None = None


class NewPrivateAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """`user_id` alone reads it: a member of the chat."""

    user_id: Id
    content: Content
    metadata: Metadata | None = None


@post("/chats/{chat_id:int}/commands", status_code=200, opt={"problems": [422, 502], **limits.MESSAGES})
async def run_command(request: ApiRequest, chat_id: PathId, data: JSONBody[TypedCommand]) -> Response[BotAnswer]:
    """Run a command in a chat. Its bot has three seconds to answer; 502 `bot_unreachable` says why it has not."""
    await places.chat(request.pool, request.caller, chat_id, "post a message")
    user_id = request.caller.user_id
    row = await ASKED_BY_COMMAND.row(request.pool, chat=chat_id, user=user_id, name=data.name)
    if row is None:
        raise Problem(404, "not_found", f"There is no command /{data.name} here, or its bot is not there.")
    asked = _asked_by_person(row, user_id, chat_id)
    occasion = Occasion(asked.bot_id, chat_id, user_id, 0)
    team = slack_id("T", asked.workspace_id)
    fields = {
        "token": "",
        "team_id": team,
        "team_domain": asked.workspace,
        "channel_id": asked.channel["id"],
        "channel_name": asked.channel["name"],
        "user_id": asked.user["id"],
        "user_name": asked.username,
        "command": f"/{data.name}",
        "text": data.text,
        "api_app_id": asked.app_id,
        "is_enterprise_install": "false",
        "response_url": occasion.url(request.parts.signer, request.origin),
        "trigger_id": Trigger(asked.bot_id, chat_id, user_id).issued(request.parts.signer),
    }
    return await _answer(request, occasion, await ask(request.parts.outgoing, asked, fields))


@post(
    "/chats/{chat_id:int}/messages/{message_id:int}/actions",
    status_code=200,
    opt={"problems": [422, 502], **limits.MESSAGES},
)
async def press(request: ApiRequest, chat_id: PathId, message_id: PathId, data: JSONBody[Press]) -> Response[BotAnswer]:
    """Press a button, or choose from a menu, in a message of a bot."""
    await places.chat(request.pool, request.caller, chat_id, "post a message")
    user_id = request.caller.user_id
    row = await ASKED_BY_PRESS.row(request.pool, chat=chat_id, user=user_id, message=message_id)
    if row is None:
        raise Problem(404, "not_found", "There is no such message of a bot in this chat, or the bot is not there.")
    message = msgspec.json.decode(row["message"])
    action = action_of((message["metadata"] or {}).get("blocks"), data.action_id, data.block_id, data.chosen)
    asked = _asked_by_person(row, user_id, chat_id)
    occasion = Occasion(asked.bot_id, chat_id, user_id, message_id)
    now = time.time()
    payload = {
        "type": "block_actions",
        **asked.head,
        "container": {
            "type": "message",
            "message_ts": ts_of(message_id, message["created_at"]),
            "channel_id": asked.channel["id"],
            "is_ephemeral": False,
        },
        "trigger_id": Trigger(asked.bot_id, chat_id, user_id).issued(request.parts.signer),
        "channel": asked.channel,
        "message": message_shape(message, {}, bot=asked.bot_id),
        "state": {"values": {}},
        "response_url": occasion.url(request.parts.signer, request.origin),
        "actions": [{**action, "action_ts": f"{now:.6f}"}],
    }
    fields = {"payload": msgspec.json.encode(payload).decode()}
    return await _answer(request, occasion, await ask(request.parts.outgoing, asked, fields))


def _asked_by_person(row: Any, user_id: int, chat_id: int) -> Asked:
    if not row["is_person"]:
        raise forbidden("Bots cannot run commands, nor press buttons: one would answer the other for ever.")
    return Asked.of(row, user_id, chat_id)


async def _answer(request: ApiRequest, occasion: Occasion, payload: Json) -> Response[BotAnswer]:
    """Where a bot cannot post, since it is not in the chat, its answer is for the person who asked."""
    try:
        await charge_if_said_to_chat(request, occasion, payload)
    except Problem as problem:  # not the limit of whoever asks, who would ask the bot again
        raise Problem(502, "bot_unreachable", f"The bot's answer cannot be shown: {problem.detail}") from None
    try:
        try:
            private, message = await carried_out(request, occasion, payload)
        except Problem as problem:
            if problem.status not in (403, 404) or payload.get("response_type") != "in_channel":
                raise
            private, message = await carried_out(request, occasion, {**payload, "response_type": "ephemeral"})
    except SlackError as error:
        why = error.more.get("detail", error.error)
        raise Problem(502, "bot_unreachable", f"The bot's answer cannot be shown: {why}") from None
    shown = {"private": private, "message": None if message is None else msgspec.Raw(message.encode())}
    return verbatim(msgspec.json.encode(shown).decode())


@post(
    PATH.removeprefix("/slack") + "/{bot_id:int}/{chat_id:int}/{user_id:int}/{message_id:int}/{ends:int}/{token:str}",
    status_code=200,
    include_in_schema=False,
)
async def respond_later(
    request: ApiRequest,
    bot_id: PathId,
    chat_id: PathId,
    user_id: PathId,
    message_id: PathIdOrZero,
    ends: PathId,
    token: PathSecret,
) -> Response[bytes]:
    """Take what a bot answers later, at its `response_url`. The address is the secret."""
    occasion = Occasion(bot_id, chat_id, user_id, message_id)
    if not occasion.is_proved_by(request.parts.signer, ends, token):
        await limits.charge_stranger(request)
        return answered({"ok": False, "error": "expired_url"}, 404)
    if not await BOT_IN_USE.value(request.pool, bot=bot_id):
        return answered({"ok": False, "error": "account_inactive"}, 403)
    await limits.charge_message_of(request, bot_id)
    try:
        payload = msgspec.json.decode(await request.body())
        if not isinstance(payload, dict):
            raise SlackError("invalid_payload", 400)
        private, _ = await carried_out(request, occasion, payload)
        if private is not None:
            await tell(request, occasion, private)
    except (msgspec.DecodeError, RecursionError):
        return answered({"ok": False, "error": "invalid_payload"}, 400)
    except SlackError as error:
        return error.response()
    return answered({"ok": True})


@post("/chats/{chat_id:int}/private-answers", opt={"problems": [422], **limits.MESSAGES})
async def answer_privately(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewPrivateAnswer]
) -> Response[PrivateAnswer]:
    """Say something to one member of a chat alone, as a bot. It is no message, and gone after an hour."""
    await places.chat(request.pool, request.caller, chat_id, "post a message")
    if not await BOT_IN_USE.value(request.pool, bot=request.caller.user_id):
        raise forbidden("Only bots say something to one person alone: write to them directly.")
    metadata_json(data.metadata)
    occasion = Occasion(request.caller.user_id, chat_id, data.user_id, 0)
    return verbatim(await tell(request, occasion, PrivateContent(data.content, data.metadata)), 201)


@get("/private-answers")
async def list_private_answers(request: ApiRequest, after_id: AfterId = 0) -> Response[list[PrivateAnswer]]:
    """What bots have said to the caller alone in the last hour, at most 100, by id."""
    return verbatim(await PRIVATE_ANSWERS_OF_USER.value(request.pool, user=request.caller.user_id, after=after_id))


FEATURE = "enable_bot_messages"
SCOPES = scopes.MESSAGES
HANDLERS = [run_command, press, answer_privately, list_private_answers]
SLACK_HANDLERS = [respond_later]
