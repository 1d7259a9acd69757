"""`chat.…`: messages are posted, edited and deleted."""

from typing import Final

from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.call import Call, Method
from chat_server.integrations.slack.ids import number_of
from chat_server.integrations.slack.messages import content_of, shown
from chat_server.integrations.slack.methods.membership import direct_chat
from chat_server.integrations.slack.shapes import channel_id, ts


async def post_message(call: Call) -> Json:
    chat_id = await _target(call)
    content, metadata = await content_of(call)
    body: Json = {"content": content}
    if metadata is not None:
        body["metadata"] = metadata
    if call.arguments.text("thread_ts"):
        body["reply_to"] = call.arguments.message("thread_ts", "thread_not_found")
    return await _posted(call, chat_id, body)


async def me_message(call: Call) -> Json:
    text = call.arguments.required("text")
    posted = await _posted(call, call.chat(), {"content": f"_{text}_"})
    return {"channel": posted["channel"], "ts": posted["ts"]}


async def _posted(call: Call, chat_id: int, body: Json) -> Json:
    message = await call.api.post(f"/api/chats/{chat_id}/messages", body, "channel_not_found")
    (shape,) = await shown(call, [message])
    given = call.arguments["channel"]
    channel = given if number_of("chat", given) else await _channel(call, chat_id)
    return {"channel": channel, "ts": ts(message), "message": shape}


async def _channel(call: Call, chat_id: int) -> str:
    chat = await call.api.get(f"/api/chats/{chat_id}", "channel_not_found")
    return channel_id(chat_id, chat["type"])


async def update(call: Call) -> Json:
    chat_id, message_id = call.chat(), call.arguments.message()
    content, metadata = await content_of(call)
    edited = await call.api.patch(
        f"/api/chats/{chat_id}/messages/{message_id}",
        {"content": content, "metadata": metadata},
        "message_not_found",
    )
    (shape,) = await shown(call, [edited])
    return {"channel": call.arguments["channel"], "ts": ts(edited), "text": shape["text"], "message": shape}


async def delete(call: Call) -> Json:
    chat_id, message_id = call.chat(), call.arguments.message()
    message = await call.message(chat_id, message_id)  # deleting it again changes nothing here, and is an error there
    await call.api.delete(f"/api/chats/{chat_id}/messages/{message_id}", "message_not_found")
    return {"channel": call.arguments["channel"], "ts": ts(message)}


async def post_ephemeral(call: Call) -> Json:
    content, metadata = await content_of(call)
    body = {"user_id": call.user(), "content": content, "metadata": metadata}
    kept = await call.api.post(f"/api/chats/{call.chat()}/private-answers", body, "channel_not_found")
    return {"message_ts": ts(kept)}


async def get_permalink(call: Call) -> Json:
    chat_id = call.chat()
    message = await call.message(chat_id, call.arguments.message("message_ts"))
    return {"channel": call.arguments["channel"], "permalink": call.permalink(chat_id, message["id"])}


async def _target(call: Call) -> int:
    """The chat that `channel` names: by its id, by a user's, who is written to directly, or by a channel's name."""
    given = call.arguments.required("channel")
    if (chat_id := number_of("chat", given)) is not None:
        return chat_id
    if (user_id := number_of("user", given)) is not None:
        return int((await direct_chat(call, [user_id]))["id"])
    name = given.removeprefix("#")
    for more in ({}, {"joinable": "true"}):
        found = await call.api.page(
            "/api/chats", workspace_id=call.identity.workspace_id, search=name[:80], limit=100, **more
        )
        for chat in found.items:
            if chat["name"] == name:
                return int(chat["id"])
    raise SlackError("channel_not_found")


METHODS: Final[dict[str, Method]] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.meMessage": me_message,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
}
