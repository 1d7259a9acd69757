"""Drafts: one unsent message per user and chat, the same on all of the user's devices."""

import msgspec
from litestar import Response, delete, get, put
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Content, PathId
from chat_server.http.verbatim import verbatim
from chat_server.responses.reading import Draft

DRAFT_DROP = query("draft_drop", "chat", "user")
DRAFT_OF_USER = query("draft_of_user", "chat", "user")
DRAFT_SAVE = query("draft_save", "chat", "user", "content")


class NewDraft(msgspec.Struct, forbid_unknown_fields=True):
    content: Content


@get("/chats/{chat_id:int}/draft")
async def show_draft(request: ApiRequest, chat_id: PathId) -> Response[Draft]:
    """The caller's draft in a chat; 404 `no_draft` if there is none."""
    await places.chat(request.pool, request.caller, chat_id, "keep a draft")
    draft = await DRAFT_OF_USER.value(request.pool, chat=chat_id, user=request.caller.user_id)
    if draft is None:
        raise Problem(404, "no_draft", "You have no draft in this chat.")
    return verbatim(draft)


@put("/chats/{chat_id:int}/draft")
async def save_draft(request: ApiRequest, chat_id: PathId, data: JSONBody[NewDraft]) -> Response[Draft]:
    """Save a draft, replacing the previous one. Posting a message does not delete it: use DELETE."""
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, chat_id, "keep a draft")
        saved = await DRAFT_SAVE.value(connection, chat=chat_id, user=request.caller.user_id, content=data.content)
    return verbatim(saved)


@delete("/chats/{chat_id:int}/draft")
async def drop_draft(request: ApiRequest, chat_id: PathId) -> None:
    """Discard a draft, also after posting it."""
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, chat_id, "keep a draft")
        await DRAFT_DROP.row(connection, chat=chat_id, user=request.caller.user_id)


SCOPES = scopes.MESSAGES
HANDLERS = [show_draft, save_draft, drop_draft]
