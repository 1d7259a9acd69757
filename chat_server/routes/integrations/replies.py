"""What a bot answers, done in its name: a message is posted, edited or deleted, or one person alone is told.

There is no token to send with a request to /api, so the handlers of REST are called, with what the steps before them
would have done (ADR 83): bodies are checked as theirs are, and what is said to a chat counts towards the bot's limit.
"""

from typing import Any, TypeVar

import msgspec
from litestar import Response

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http import bodies
from chat_server.http.api_request import ApiRequest, Caller
from chat_server.http.bodies import metadata_json
from chat_server.http.fields import Content, Metadata
from chat_server.http.steps import limits
from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.arguments import Arguments
from chat_server.integrations.slack.ids import message_of
from chat_server.integrations.slack.interactions.response_urls import Occasion
from chat_server.integrations.slack.messages import metadata_of
from chat_server.integrations.slack.texts.mrkdwn import mentioned, with_names
from chat_server.integrations.slack.texts.payloads import text_of
from chat_server.responses.integrations.commands import PrivateContent
from chat_server.routes.identity.users import list_users
from chat_server.routes.messages.messages import (
    MessageChange,
    NewMessage,
    delete_message,
    edit_message,
    post_message,
)

T = TypeVar("T", bound=msgspec.Struct)

ANSWER_PRIVATELY = query("answer_privately", "bot", "user", "chat", "content", "metadata")


class PrivateMessage(msgspec.Struct):
    """What is told one person, with the bounds of a message."""

    content: Content
    metadata: Metadata | None


def as_bot(request: ApiRequest, bot_id: int) -> ApiRequest:
    """The request as if the bot had made it: what it answers is done with its own rights, by the handlers of REST."""
    return ApiRequest({**request.scope, "user": Caller(bot_id, 0, 0)})


async def charge_if_said_to_chat(request: ApiRequest, occasion: Occasion, payload: Json) -> None:
    """Counts it as a message of the bot's, unless it is for one person alone. Raises Problem 429."""
    changes = occasion.message_id and (payload.get("delete_original") or payload.get("replace_original"))
    if changes or payload.get("response_type") == "in_channel":
        await limits.charge_message_of(as_bot(request, occasion.bot_id), occasion.bot_id)


async def carried_out(
    request: ApiRequest, occasion: Occasion, payload: Json
) -> tuple[PrivateContent | None, str | None]:
    """What a bot has answered: something to tell one person alone, or the JSON of a message. Raises Problem, and
    SlackError for what cannot be a message."""
    bot = as_bot(request, occasion.bot_id)
    if payload.get("delete_original") and occasion.message_id:
        await delete_message.fn(bot, chat_id=occasion.chat_id, message_id=occasion.message_id)
        return None, None
    payload = await named(bot, payload)
    content = text_of(payload)
    if not content:
        return None, None
    metadata = metadata_of(Arguments(payload), payload.get("blocks"))
    if payload.get("replace_original") and occasion.message_id:
        change = _checked(MessageChange, content, metadata)
        edited = await edit_message.fn(bot, chat_id=occasion.chat_id, message_id=occasion.message_id, data=change)
        return None, edited.content.decode()
    if payload.get("response_type") == "in_channel":
        body = _checked(NewMessage, content, metadata, reply_to=message_of(payload.get("thread_ts")))
        posted = await post_message.fn(bot, chat_id=occasion.chat_id, data=body)
        return None, posted.content.decode()
    private = _checked(PrivateMessage, content, metadata)
    return PrivateContent(private.content, private.metadata), None


async def named(request: ApiRequest, texts: Any) -> Any:
    """The same JSON, whose mentions of Slack's kind are our names, where the caller may see these people."""
    people = mentioned(texts)[:100]
    if not people:
        return texts
    found = _decoded(await list_users.fn(request, ids=",".join(map(str, sorted(set(people))))))
    return with_names(texts, {profile["id"]: profile for profile in found})


def _checked(wanted: type[T], content: str, metadata: Json | None, **more: object) -> T:
    """A body with the bounds of its fields. Raises SlackError."""
    try:
        metadata_json(metadata)
        return bodies.decode(msgspec.json.encode({"content": content, "metadata": metadata, **more}), wanted)
    except Problem as problem:
        raise SlackError("invalid_arguments", 400, detail=problem.detail) from None


async def tell(request: ApiRequest, occasion: Occasion, private: PrivateContent) -> str:
    """Keeps what is for one person alone, where they read it. Raises Problem 403."""
    metadata = metadata_json(private.metadata)
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
