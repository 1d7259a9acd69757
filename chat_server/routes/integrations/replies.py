"""What a bot answers, done in its name: a message is posted, edited or deleted, or one person alone is told."""

from typing import Any

import msgspec
from litestar import Response

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest, Caller
from chat_server.integrations.slack.answers import Json
from chat_server.integrations.slack.arguments import Arguments
from chat_server.integrations.slack.ids import message_of
from chat_server.integrations.slack.messages import metadata_of
from chat_server.integrations.slack.mrkdwn import mentioned, with_names
from chat_server.integrations.slack.payloads import text_of
from chat_server.integrations.slack.response_urls import Occasion
from chat_server.responses.integrations.commands import PrivateContent
from chat_server.routes.identity.users import list_users
from chat_server.routes.messages.messages import (
    MessageChange,
    NewMessage,
    delete_message,
    edit_message,
    post_message,
)

ANSWER_PRIVATELY = query("answer_privately", "bot", "user", "chat", "content", "metadata")


def as_bot(request: ApiRequest, bot_id: int) -> ApiRequest:
    """The request as if the bot had made it: what it answers is done with its own rights, by the handlers of REST."""
    return ApiRequest({**request.scope, "user": Caller(bot_id, 0, 0)})


async def carried_out(
    request: ApiRequest, occasion: Occasion, payload: Json
) -> tuple[PrivateContent | None, str | None]:
    """What a bot has answered: something to tell one person alone, or the JSON of a message. Raises Problem."""
    bot = as_bot(request, occasion.bot_id)
    if payload.get("delete_original") and occasion.message_id:
        await delete_message.fn(bot, chat_id=occasion.chat_id, message_id=occasion.message_id)
        return None, None
    if people := mentioned(payload)[:100]:
        found = _decoded(await list_users.fn(bot, ids=",".join(map(str, sorted(set(people))))))
        named: Any = with_names(payload, {profile["id"]: profile for profile in found})
        payload = named
    content = text_of(payload)
    if not content:
        return None, None
    metadata = metadata_of(Arguments(payload), payload.get("blocks"))
    if payload.get("replace_original") and occasion.message_id:
        change = MessageChange(content=content, metadata=metadata)
        edited = await edit_message.fn(bot, chat_id=occasion.chat_id, message_id=occasion.message_id, data=change)
        return None, edited.content.decode()
    if payload.get("response_type") == "in_channel":
        reply_to = message_of(payload.get("thread_ts"))
        body = NewMessage(content=content, metadata=metadata, reply_to=reply_to)
        posted = await post_message.fn(bot, chat_id=occasion.chat_id, data=body)
        return None, posted.content.decode()
    return PrivateContent(content, metadata), None


async def tell(request: ApiRequest, occasion: Occasion, private: PrivateContent) -> str:
    """Keeps what is for one person alone, where they read it. Raises Problem 403."""
    metadata = None if private.metadata is None else msgspec.json.encode(private.metadata).decode()
    async with request.change() as connection:
        kept: str | None = await ANSWER_PRIVATELY.value(
            connection,
            bot=occasion.bot_id,
            user=occasion.user_id,
            chat=occasion.chat_id,
            content=private.content,
            metadata=metadata,
        )
    if kept is None:
        raise Problem(403, "forbidden", "Both the bot and its reader have to be members of the chat.")
    return kept


def _decoded(response: Response[Any]) -> list[Json]:
    found: list[Json] = msgspec.json.decode(response.content)
    return found
