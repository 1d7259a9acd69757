"""Reactions to a message: one of each emoji per user."""

from typing import Annotated

from litestar import Response, delete, get, put
from litestar.params import QueryParameter

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import EMOJI, PathEmoji, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.acting_for import delegable
from chat_server.http.verbatim import verbatim
from chat_server.responses.messages.reactions import MessageReactions, Reaction
from chat_server.routes.messages.messages import found_message

REACTIONS_COUNTED = query("reactions_counted", "chat", "message")
REACTIONS_OF_MESSAGE = query("reactions_of_message", "chat", "message", "emoji", "after", "limit")

OneEmoji = Annotated[str | None, QueryParameter(pattern=EMOJI, description="Only reactions with this emoji.")]


@get("/chats/{chat_id:int}/messages/{message_id:int}/reactions", opt=delegable("chat.read_messages"))
async def list_reactions(
    request: ApiRequest,
    chat_id: PathId,
    message_id: PathId,
    emoji: OneEmoji = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[Reaction]]:
    """The users who reacted to a message, in order. For further pages follow the Link header."""
    await places.chat(request.pool, request.caller, chat_id, "read its messages")
    found_message(await REACTIONS_COUNTED.value(request.pool, chat=chat_id, message=message_id))
    row = await REACTIONS_OF_MESSAGE.one(
        request.pool, chat=chat_id, message=message_id, emoji=emoji, after=after_id, limit=limit
    )
    return page(request, row)


@put("/chats/{chat_id:int}/messages/{message_id:int}/reactions/{emoji:str}", opt={"problems": [422]})
async def add_reaction(
    request: ApiRequest, chat_id: PathId, message_id: PathId, emoji: PathEmoji
) -> Response[MessageReactions]:
    """React to a message with one emoji, or with a name such as `:party:` of 1 to 50 lower-case letters, digits,
    `_`, `+` and `-`. An emoji with and without a variation selector is the same one; another skin tone makes another
    one. Repeating this changes nothing. A message can have at most 20 different reactions."""
    return verbatim(found_message(await request.act("add_reaction", chat_id, message_id, emoji=emoji)))


@delete("/chats/{chat_id:int}/messages/{message_id:int}/reactions/{emoji:str}")
async def remove_reaction(request: ApiRequest, chat_id: PathId, message_id: PathId, emoji: PathEmoji) -> None:
    """Remove a reaction. Repeating this changes nothing."""
    found_message(await request.act("remove_reaction", chat_id, message_id, emoji=emoji))


SCOPES = scopes.MESSAGES
HANDLERS = [list_reactions, add_reaction, remove_reaction]
