"""`reactions.…` and `pins.…`."""

from typing import Final
from urllib.parse import quote

from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.call import Call, Method
from chat_server.integrations.slack.ids import seconds_of, slack_id
from chat_server.integrations.slack.messages import shown
from chat_server.integrations.slack.texts.emoji import emoji_of


def _message(call: Call) -> tuple[int, int]:
    return call.chat(), call.arguments.message("timestamp")


async def add(call: Call) -> Json:
    chat_id, message_id = _message(call)
    emoji = emoji_of(call.arguments.required("name"))
    if await _has_own(call, chat_id, message_id, emoji):
        raise SlackError("already_reacted")
    await call.api.put(_path(chat_id, message_id, emoji), None, "message_not_found")
    return {}


async def remove(call: Call) -> Json:
    chat_id, message_id = _message(call)
    emoji = emoji_of(call.arguments.required("name"))
    if not await _has_own(call, chat_id, message_id, emoji):
        raise SlackError("no_reaction")
    await call.api.delete(_path(chat_id, message_id, emoji), "message_not_found")
    return {}


async def get(call: Call) -> Json:
    message = await call.message(*_message(call))
    (shape,) = await shown(call, [message])
    return {"type": "message", "channel": call.arguments["channel"], "message": shape}


def _path(chat_id: int, message_id: int, emoji: str) -> str:
    return f"/api/chats/{chat_id}/messages/{message_id}/reactions/{quote(emoji, safe='')}"


async def _has_own(call: Call, chat_id: int, message_id: int, emoji: str) -> bool:
    """Repeating a reaction changes nothing here, and is an error there."""
    message = await call.message(chat_id, message_id)
    bare = emoji.replace("\ufe0f", "")
    for reaction in message["reactions"]:
        if reaction["emoji"].replace("\ufe0f", "") == bare:
            if call.identity.user_id in reaction["user_ids"]:
                return True
            path = f"/api/chats/{chat_id}/messages/{message_id}/reactions"
            users = await call.api.get(path, emoji=reaction["emoji"], limit=500)
            return any(one["user_id"] == call.identity.user_id for one in users)
    return False


async def pin(call: Call) -> Json:
    chat_id, message_id = _message(call)
    if message_id in await _pinned(call, chat_id):
        raise SlackError("already_pinned")
    await call.api.put(f"/api/chats/{chat_id}/messages/{message_id}/pin", None, "message_not_found")
    return {}


async def unpin(call: Call) -> Json:
    chat_id, message_id = _message(call)
    if message_id not in await _pinned(call, chat_id):
        raise SlackError("no_pin")
    await call.api.delete(f"/api/chats/{chat_id}/messages/{message_id}/pin", "message_not_found")
    return {}


async def pins(call: Call) -> Json:
    chat_id = call.chat()
    pinned = (await call.api.page(f"/api/chats/{chat_id}/pins", "channel_not_found", limit=100)).items
    messages = await shown(call, [one["message"] for one in pinned])
    items = [
        {
            "type": "message",
            "channel": call.arguments["channel"],
            "message": shape,
            "created": seconds_of(one["pinned_at"]),
            "created_by": slack_id("U", one["pinned_by"]),
        }
        for one, shape in zip(pinned, messages, strict=True)
    ]
    return {"items": items}


async def _pinned(call: Call, chat_id: int) -> set[int]:
    """A chat has at most 100 pins, which is one page."""
    page = await call.api.page(f"/api/chats/{chat_id}/pins", "channel_not_found", limit=100)
    return {one["message"]["id"] for one in page.items}


METHODS: Final[dict[str, Method]] = {
    "reactions.add": add,
    "reactions.remove": remove,
    "reactions.get": get,
    "pins.add": pin,
    "pins.remove": unpin,
    "pins.list": pins,
}
