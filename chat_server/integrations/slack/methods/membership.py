"""`conversations.…`: who is in a chat, and direct chats."""

from typing import Any, Final

from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.arguments import following
from chat_server.integrations.slack.call import Call, Method
from chat_server.integrations.slack.ids import slack_id
from chat_server.integrations.slack.shapes import channel_id, channel_shape


async def members(call: Call) -> Json:
    _, after = call.arguments.cursor()
    page = await call.api.page(
        f"/api/chats/{call.chat()}/members",
        "channel_not_found",
        limit=call.arguments.number("limit", 100, 500),
        after_id=after,
    )
    return {
        "members": [slack_id("U", member["user_id"]) for member in page.items],
        "response_metadata": following(page.next),
    }


async def open_(call: Call) -> Json:
    if call.arguments.text("channel"):
        chat: Any = await call.api.get(f"/api/chats/{call.chat()}", "channel_not_found")
    else:
        chat = await direct_chat(call, call.arguments.ids("user", "users", "user_not_found"))
    if call.arguments.flag("return_im"):
        return {"channel": channel_shape(chat, call.identity.user_id)}
    return {"channel": {"id": channel_id(chat["id"], chat["type"])}}


async def direct_chat(call: Call, people: list[int]) -> Json:
    """The direct chat with one other, which may exist, or a new group of several."""
    body = {
        "type": "Single" if len(people) == 1 else "Group",
        "members": people,
        "workspace_id": call.identity.workspace_id,
    }
    chat: Json = await call.api.post("/api/chats", body, "user_not_found")
    return chat


async def join(call: Call) -> Json:
    chat = await call.api.post(f"/api/chats/{call.chat()}/join", None, "channel_not_found")
    return {"channel": channel_shape(chat, call.identity.user_id)}


async def leave(call: Call) -> Json:
    await call.api.post(f"/api/chats/{call.chat()}/leave", None, "channel_not_found")
    return {}


async def invite(call: Call) -> Json:
    """One after the other: those before a user who cannot be added stay."""
    path = f"/api/chats/{call.chat()}"
    for user_id in call.arguments.ids("user", "users", "user_not_found"):
        await call.api.post(f"{path}/members", {"user_id": user_id}, "channel_not_found")
    chat = await call.api.get(path, "channel_not_found")
    return {"channel": channel_shape(chat, call.identity.user_id)}


async def kick(call: Call) -> Json:
    user_id = call.user()
    if user_id == call.identity.user_id:
        raise SlackError("cant_kick_self")
    await call.api.delete(f"/api/chats/{call.chat()}/members/{user_id}", "not_in_channel")
    return {"errors": {}}


METHODS: Final[dict[str, Method]] = {
    "conversations.members": members,
    "conversations.open": open_,
    "conversations.join": join,
    "conversations.leave": leave,
    "conversations.invite": invite,
    "conversations.kick": kick,
}
