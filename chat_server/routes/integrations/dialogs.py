"""Dialogs: forms that a bot opens to the person who has just asked it something; docs/integrations/dialogs.md."""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import JSONBody, QueryParameter

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access.permissions import forbidden
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, Id, PathId
from chat_server.http.steps import limits
from chat_server.http.verbatim import verbatim
from chat_server.integrations.slack.answers import Json
from chat_server.integrations.slack.asking import Asked, ask
from chat_server.integrations.slack.interactions import triggers
from chat_server.integrations.slack.interactions.presses import action_of
from chat_server.integrations.slack.interactions.triggers import Trigger
from chat_server.integrations.slack.interactions.views import (
    LONGEST_VIEW,
    state_of,
    texts_of,
    view_id,
    view_of,
    view_shape,
)
from chat_server.integrations.slack.texts.payloads import markdown, plain
from chat_server.responses.integrations.dialogs import DialogAnswer, OpenedDialog
from chat_server.routes.integrations.replies import named
from chat_server.sign_in.freshness import require_session

ASKED_BY_DIALOG = query("asked_by_dialog", "dialog", "user")
DIALOG_CLOSE = query("dialog_close", "dialog", "user", "all")
DIALOG_OF_BOT = query("dialog_of_bot", "dialog", "bot", "external")
DIALOG_OPEN = query("dialog_open", "bot", "user", "chat", "below", "view", "since")
DIALOG_TOP = query("dialog_top", "user")
DIALOG_UPDATE = query("dialog_update", "dialog", "bot", "external", "version", "view")
BOT_BY_ID = query("bot_by_id", "bot")

NOT_OPEN = "This dialog is not open any more, or another one lies on top of it."
ViewText = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_VIEW, pattern=ANY_TEXT)]
Named = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=ANY_TEXT)]
Value = Annotated[str, msgspec.Meta(max_length=3000, pattern=ANY_TEXT)]
All = Annotated[bool, QueryParameter(description="Those below it, too.")]


class NewDialog(msgspec.Struct, forbid_unknown_fields=True):
    """`trigger_id` is from what the bot was just asked. `view` is JSON, as a text. `on_top`: of the dialog in which
    that was."""

    trigger_id: Named
    view: ViewText
    on_top: bool = False


class DialogChange(msgspec.Struct, forbid_unknown_fields=True):
    """By `dialog_id`, or by the `external_id` of its view; only if it is of this `version`, if one is given."""

    view: ViewText
    dialog_id: Id | None = None
    external_id: Named | None = None
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None


class Entered(msgspec.Struct, forbid_unknown_fields=True):
    """What is in the input of a block: a text, a date, the id of a user, or values of options."""

    block_id: Named
    values: Annotated[list[Value], msgspec.Meta(max_length=100)]


EnteredValues = Annotated[list[Entered], msgspec.Meta(max_length=100)]


class Submission(msgspec.Struct, forbid_unknown_fields=True):
    entered: EnteredValues


class DialogPress(msgspec.Struct, forbid_unknown_fields=True):
    """As in a message; `entered` is what the dialog has by then."""

    action_id: Named
    block_id: Named | None = None
    chosen: Named | None = None
    entered: EnteredValues = []


@dataclass(frozen=True, slots=True)
class _Dialog:
    """A dialog that is open, the bot that is asked by it, and by which trigger it may open the next one. `below` and
    `lowest` are those under it."""

    id: int
    version: int
    view: Json
    below: int | None
    lowest: int | None
    asked: Asked
    trigger: Trigger

    def shape(self, state: Json) -> Json:
        return view_shape(
            self.view,
            self.id,
            self.version,
            bot=self.asked.bot_id,
            workspace=self.asked.workspace_id,
            state=state,
            below=self.below,
            lowest=self.lowest,
        )


@post("/dialogs", opt={"problems": [409, 422], **limits.MESSAGES})
async def open_dialog(request: ApiRequest, data: JSONBody[NewDialog]) -> Response[OpenedDialog]:
    """Open a dialog to the person who has just asked the calling bot something: once, within three seconds."""
    workspace = await _workspace_of_bot(request)
    view = view_of(data.view)
    trigger = await triggers.used(request, data.trigger_id, request.caller.user_id)
    below = trigger.dialog_id or None
    if data.on_top and below is None:
        raise Problem(422, "invalid_trigger", "Nothing was asked in a dialog on top of which this one could lie.")
    row = await _opened(request, trigger, below if data.on_top else None, view)
    return _told(row, request.caller.user_id, workspace, 201)


@put("/dialogs", opt={"problems": [404, 409, 422], **limits.MESSAGES})
async def change_dialog(request: ApiRequest, data: JSONBody[DialogChange]) -> Response[OpenedDialog]:
    """Change a dialog that the calling bot has opened."""
    workspace = await _workspace_of_bot(request)
    named = {"dialog": data.dialog_id, "bot": request.caller.user_id, "external": data.external_id}
    encoded = msgspec.json.encode(view_of(data.view)).decode()
    async with request.change() as connection:
        row = await DIALOG_UPDATE.row(connection, **named, version=data.version, view=encoded)
    if row is None:
        if await DIALOG_OF_BOT.value(request.pool, **named):
            raise Problem(409, "dialog_changed", "The dialog has been changed since that version.")
        raise Problem(404, "not_found", "There is no such dialog that is open.")
    return _told(row, request.caller.user_id, workspace, 200)


@get("/dialogs", opt={"scopes": scopes.SESSION_ONLY})
async def show_dialog(request: ApiRequest) -> Response[DialogAnswer]:
    """The topmost dialog that bots have opened to the caller."""
    require_session(request)
    return await _top(request)


@post(
    "/dialogs/{dialog_id:int}/submission",
    status_code=200,
    opt=limits.MESSAGES | {"problems": [404, 409, 422, 502], "scopes": scopes.SESSION_ONLY},
)
async def submit_dialog(request: ApiRequest, dialog_id: PathId, data: JSONBody[Submission]) -> Response[DialogAnswer]:
    """Send a dialog to its bot, which has three seconds to accept it, to change it, or to say what is wrong."""
    dialog = await _open(request, dialog_id)
    view, trigger = dialog.view, dialog.trigger
    state = state_of(view, _by_block(data.entered), whole=True)
    more = {"trigger_id": trigger.issued(request.parts.signer), "response_urls": []}
    answer = await _tell(request, dialog, "view_submission", state, **more)
    match answer.get("response_action"):
        case "errors" if isinstance(answer.get("errors"), dict):
            known = {str(block.get("block_id")) for block in view["blocks"]}
            errors = {block: str(said)[:300] for block, said in answer["errors"].items() if block in known}
            return await _top(request, errors)
        case "update" if "view" in answer:
            encoded = msgspec.json.encode(_answered_view(answer)).decode()
            async with request.change() as connection:
                change = {"dialog": dialog_id, "bot": trigger.bot_id, "external": None, "version": None}
                await DIALOG_UPDATE.row(connection, **change, view=encoded)
        case "push" if "view" in answer:
            await _opened(request, trigger, dialog_id, _answered_view(answer))
        case _:
            everything = answer.get("response_action") == "clear" or view["clear_on_close"]
            await _close(request, dialog_id, everything=everything)
    return await _top(request)


@post(
    "/dialogs/{dialog_id:int}/actions",
    status_code=200,
    opt=limits.MESSAGES | {"problems": [404, 422, 502], "scopes": scopes.SESSION_ONLY},
)
async def press_in_dialog(
    request: ApiRequest, dialog_id: PathId, data: JSONBody[DialogPress]
) -> Response[DialogAnswer]:
    """Press a button, or choose from a menu, in a dialog."""
    dialog = await _open(request, dialog_id)
    action = action_of(dialog.view["blocks"], data.action_id, data.block_id, data.chosen)
    state = state_of(dialog.view, _by_block(data.entered), whole=False)
    more = {
        "trigger_id": dialog.trigger.issued(request.parts.signer),
        "actions": [{**action, "action_ts": f"{time.time():.6f}"}],
        "container": {"type": "view", "view_id": view_id(dialog_id)},
    }
    await _tell(request, dialog, "block_actions", state, **more)
    return await _top(request)


@delete("/dialogs/{dialog_id:int}", status_code=200, opt={"problems": [404], "scopes": scopes.SESSION_ONLY})
async def close_dialog(request: ApiRequest, dialog_id: PathId, all_of_them: All = False) -> Response[DialogAnswer]:
    """Close a dialog. Its bot hears of it, if it has asked for that."""
    dialog = await _open(request, dialog_id)
    await _close(request, dialog_id, everything=all_of_them)
    if dialog.view["notify_on_close"]:
        with contextlib.suppress(Problem):  # it is closed, whatever the bot makes of it
            await _tell(request, dialog, "view_closed", {"values": {}}, is_cleared=all_of_them)
    return await _top(request)


async def _workspace_of_bot(request: ApiRequest) -> int:
    bot = await BOT_BY_ID.row(request.pool, bot=request.caller.user_id)
    if bot is None:
        raise forbidden("Only bots open dialogs.")
    workspace: int = bot["workspace_id"]
    return workspace


async def _open(request: ApiRequest, dialog_id: int) -> _Dialog:
    """Raises Problem 404 unless it is the caller's topmost one."""
    require_session(request)
    user_id = request.caller.user_id
    row = await ASKED_BY_DIALOG.row(request.pool, dialog=dialog_id, user=user_id)
    if row is None:
        raise Problem(404, "not_found", NOT_OPEN)
    return _Dialog(
        id=dialog_id,
        version=row["version"],
        view=msgspec.json.decode(row["view"]),
        below=row["below"],
        lowest=row["lowest"],
        asked=Asked.of(row, user_id, row["chat_id"]),
        trigger=Trigger(row["bot_id"], row["chat_id"], user_id, dialog_id, row["since"]),
    )


async def _opened(request: ApiRequest, trigger: Trigger, below: int | None, view: Json) -> Any:
    async with request.change() as connection, connection.transaction():
        row = await DIALOG_OPEN.row(
            connection,
            bot=trigger.bot_id,
            user=trigger.user_id,
            chat=trigger.chat_id,
            below=below,
            view=msgspec.json.encode(view).decode(),
            since=trigger.since or None,
        )
    if row is None:
        raise Problem(404, "not_found", NOT_OPEN)
    return row


async def _tell(request: ApiRequest, dialog: _Dialog, kind: str, state: Json, **more: Any) -> Json:
    """What the bot answers to this. Raises Problem 502."""
    payload = {"type": kind, **dialog.asked.head, "view": dialog.shape(state), **more}
    return await ask(request.parts.outgoing, dialog.asked, {"payload": msgspec.json.encode(payload).decode()})


def _answered_view(answer: Json) -> Json:
    """Raises Problem 502 for a view that cannot be shown."""
    try:
        return view_of(answer["view"])
    except Problem as problem:
        raise Problem(502, "bot_unreachable", f"The bot's answer cannot be shown: {problem.extra}.") from None


async def _close(request: ApiRequest, dialog_id: int, *, everything: bool) -> None:
    async with request.change() as connection:
        await DIALOG_CLOSE.row(connection, dialog=dialog_id, user=request.caller.user_id, all=everything)


async def _top(request: ApiRequest, errors: Mapping[str, str] | None = None) -> Response[Any]:
    top = await DIALOG_TOP.value(request.pool, user=request.caller.user_id)
    dialog = None if top is None else msgspec.json.decode(top)
    if dialog is not None:
        await _put_into_words(request, dialog["view"])
    content = {"dialog": dialog, "errors": errors or {}}
    response = verbatim(msgspec.json.encode(content).decode())
    response.headers["Cache-Control"] = "no-store"
    return response


async def _put_into_words(request: ApiRequest, view: Json) -> None:
    """Makes its mrkdwn our Markdown, with our names; the view that the bot is told of stays as it was."""
    texts = texts_of(view)
    said = await named(request, [text["text"] if text["type"] == "mrkdwn" else "" for text in texts])
    for text, words in zip(texts, said, strict=True):
        if text["type"] == "mrkdwn":
            text |= {"type": "markdown", "text": markdown(words)}
        else:
            text["text"] = plain(text["text"])


def _by_block(entered: list[Entered]) -> dict[str, list[str]]:
    return {one.block_id: one.values for one in entered}


def _told(row: Any, bot: int, workspace: int, status: int) -> Response[Any]:
    view = view_shape(msgspec.json.decode(row["view"]), row["id"], row["version"], bot=bot, workspace=workspace)
    return verbatim(msgspec.json.encode({"view": view}).decode(), status)


FEATURE = "enable_bot_messages"
SCOPES = scopes.MESSAGES
HANDLERS = [open_dialog, change_dialog, show_dialog, submit_dialog, press_in_dialog, close_dialog]
