"""`conversations.…`: chats are listed, read, made and changed; `membership` has who is in them."""

from typing import Final

from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.arguments import following
from chat_server.integrations.slack.call import Call, Method
from chat_server.integrations.slack.ids import message_of, place_in_time, seconds_of
from chat_server.integrations.slack.messages import shown
from chat_server.integrations.slack.shapes import channel_shape

MOST_CHATS: Final = 500
MOST_MESSAGES: Final = 100
# Pages that one call reads at most: a time far in the past is reached by following the cursor.
MOST_PAGES: Final = 10
_TYPES: Final = {
    "PublicChannel": "public_channel",
    "PrivateChannel": "private_channel",
    "Group": "mpim",
    "Single": "im",
}
_JOINABLE: Final = "j"


async def list_(call: Call) -> Json:
    """The caller's own, and then the channels to join."""
    wanted = set(call.arguments.text("types", "public_channel").replace(" ", "").split(","))
    phase, after = call.arguments.cursor()
    page = await call.api.page(
        "/api/chats",
        workspace_id=call.identity.workspace_id,
        joinable="true" if phase == _JOINABLE else None,
        limit=call.arguments.number("limit", 100, MOST_CHATS),
        after_id=after,
    )
    if page.next is None and phase != _JOINABLE and "public_channel" in wanted:
        metadata = following(0, _JOINABLE)
    else:
        metadata = following(page.next, phase)
    return {"channels": _channels(call, page.items, wanted), "response_metadata": metadata}


async def of_user(call: Call) -> Json:
    """The caller's own alone: nobody sees which chats others are in."""
    if call.arguments.text("user") and call.user() != call.identity.user_id:
        raise SlackError("method_not_supported_for_channel_type", detail="Only the caller's own chats are listed.")
    wanted = set(call.arguments.text("types", "public_channel").replace(" ", "").split(","))
    _, after = call.arguments.cursor()
    limit = call.arguments.number("limit", 100, MOST_CHATS)
    page = await call.api.page("/api/chats", workspace_id=call.identity.workspace_id, limit=limit, after_id=after)
    return {"channels": _channels(call, page.items, wanted), "response_metadata": following(page.next)}


def _channels(call: Call, chats: list[Json], wanted: set[str]) -> list[Json]:
    without_archived = call.arguments.flag("exclude_archived")
    return [
        channel_shape(chat, call.identity.user_id)
        for chat in chats
        if _TYPES[chat["type"]] in wanted and not (without_archived and chat["archived_at"])
    ]


async def info(call: Call) -> Json:
    chat = await call.api.get(f"/api/chats/{call.chat()}", "channel_not_found")
    return {"channel": channel_shape(chat, call.identity.user_id)}


async def history(call: Call) -> Json:
    path = f"/api/chats/{call.chat()}/messages"
    return await _read(call, path)


async def replies(call: Call) -> Json:
    """A thread: its first message, and then the replies."""
    chat_id, message_id = call.chat(), call.arguments.message("ts", "thread_not_found")
    first = await call.message(chat_id, message_id)
    path = f"/api/chats/{chat_id}/messages/{message_id}/thread"
    _, after = call.arguments.cursor()
    limit = call.arguments.number("limit", MOST_MESSAGES, MOST_MESSAGES)
    page = await call.api.page(path, "thread_not_found", limit=limit, after_id=after or message_id)
    messages = sorted(page.items, key=lambda message: int(message["id"]))
    selected = [message for message in messages if message["deleted_at"] is None]
    known = [first, *selected] if after is None else selected
    return {
        "messages": await shown(call, known, first),
        "has_more": page.next is not None,
        "response_metadata": following(page.next),
    }


async def _read(call: Call, path: str) -> Json:
    """Messages, newest first, in the bounds of `oldest` and `latest`."""
    bounds = _Bounds(call)
    _, before = call.arguments.cursor()
    if before is None and (latest := message_of(call.arguments.get("latest"))) is not None:
        before = await _known_before(call, path, latest)
    limit = call.arguments.number("limit", 100, 1000)
    found: list[Json] = []
    for _ in range(MOST_PAGES):
        page = await call.api.page(path, "channel_not_found", limit=MOST_MESSAGES, before_id=before)
        for message in page.items:
            if bounds.are_passed_by(message):
                return await _history(call, found, None)
            if len(found) == limit:
                return await _history(call, found, int(found[-1]["id"]))
            if message["deleted_at"] is None and bounds.have(message):
                found.append(message)
        before = page.next
        if before is None:
            break
    return await _history(call, found, before)


async def _history(call: Call, found: list[Json], before: int | None) -> Json:
    return {
        "messages": await shown(call, found),
        "has_more": before is not None,
        "pin_count": 0,
        "response_metadata": following(before),
    }


async def _known_before(call: Call, path: str, message_id: int) -> int | None:
    """Where to begin if `latest` is the `ts` of a message; it may be any time instead, which says nothing of ids."""
    try:
        message = await call.api.get(f"{path}/{message_id}", "message_not_found")
    except SlackError as error:
        if error.error != "message_not_found":
            raise
        return None
    place = place_in_time(call.arguments.text("latest"))
    return message_id + 1 if place and place[0] == seconds_of(message["created_at"]) else None


class _Bounds:
    def __init__(self, call: Call) -> None:
        arguments = call.arguments
        self._inclusive = arguments.flag("inclusive")
        self._oldest, self._latest = (self._place(arguments.text(name)) for name in ("oldest", "latest"))

    @staticmethod
    def _place(given: str) -> tuple[int, int] | None:
        if given in ("", "now"):
            return None
        place = place_in_time(given)
        if place is None:
            raise SlackError("invalid_ts_oldest")
        return place

    def have(self, message: Json) -> bool:
        if self._latest is None:
            return True
        place = _place_of(message)
        return place < self._latest or (self._inclusive and place == self._latest)

    def are_passed_by(self, message: Json) -> bool:
        """Whether it and all before it are too old."""
        if self._oldest is None:
            return False
        place = _place_of(message)
        return place < self._oldest or (place == self._oldest and not self._inclusive)


def _place_of(message: Json) -> tuple[int, int]:
    return seconds_of(message["created_at"]), int(message["id"])


async def create(call: Call) -> Json:
    body: Json = {
        "type": "PrivateChannel" if call.arguments.flag("is_private") else "PublicChannel",
        "name": call.arguments.required("name"),
        "members": [],
        "workspace_id": call.identity.workspace_id,
    }
    return {"channel": channel_shape(await call.api.post("/api/chats", body), call.identity.user_id)}


async def rename(call: Call) -> Json:
    return {"channel": await _changed(call, {"name": call.arguments.required("name")})}


async def set_topic(call: Call) -> Json:
    return {"channel": await _changed(call, {"description": call.arguments.text("topic")})}


async def set_purpose(call: Call) -> Json:
    purpose = call.arguments.text("purpose")
    await _changed(call, {"description": purpose})
    return {"purpose": purpose}


async def _changed(call: Call, change: Json) -> Json:
    chat = await call.api.put(f"/api/chats/{call.chat()}", change, "channel_not_found")
    return channel_shape(chat, call.identity.user_id)


async def archive(call: Call) -> Json:
    await call.api.post(f"/api/chats/{call.chat()}/archive", None, "channel_not_found")
    return {}


async def unarchive(call: Call) -> Json:
    await call.api.post(f"/api/chats/{call.chat()}/unarchive", None, "channel_not_found")
    return {}


async def mark(call: Call) -> Json:
    chat_id = call.chat()
    message = await call.message(chat_id, call.arguments.message())
    await call.api.post(f"/api/chats/{chat_id}/read", {"seq": message["seq"]}, "channel_not_found")
    return {}


METHODS: Final[dict[str, Method]] = {
    "conversations.list": list_,
    "users.conversations": of_user,
    "conversations.info": info,
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.create": create,
    "conversations.rename": rename,
    "conversations.setTopic": set_topic,
    "conversations.setPurpose": set_purpose,
    "conversations.archive": archive,
    "conversations.unarchive": unarchive,
    "conversations.mark": mark,
}
