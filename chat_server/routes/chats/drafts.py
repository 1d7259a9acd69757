"""Drafts: one unsent message per user and chat, the same on all of the user's devices."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, delete, get, put
from litestar.params import JSONBody, QueryParameter

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Content, PathId
from chat_server.http.moments import known
from chat_server.http.verbatim import verbatim
from chat_server.responses.reading import Draft

DRAFT_DROP = query("draft_drop", "chat", "user", "updated_at")
DRAFT_OF_USER = query("draft_of_user", "chat", "user")
DRAFT_REPLACE = query("draft_replace", "chat", "user", "content", "updated_at")
DRAFT_SAVE = query("draft_save", "chat", "user", "content")


UpdatedAt = Annotated[
    datetime | None,
    QueryParameter(description="Only if the draft is still the one with this `updated_at`; else 409 `draft_changed`."),
]


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


@put("/chats/{chat_id:int}/draft", opt={"problems": [409]})
async def save_draft(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewDraft], updated_at: UpdatedAt = None
) -> Response[Draft]:
    """Save a draft, replacing the previous one. Posting a message does not delete it: use DELETE."""
    known("updated_at", updated_at)
    draft = {"chat": chat_id, "user": request.caller.user_id, "content": data.content}
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, chat_id, "keep a draft")
        if updated_at is None:
            saved = await DRAFT_SAVE.value(connection, **draft)
        else:
            saved = await DRAFT_REPLACE.value(connection, **draft, updated_at=updated_at)
        if saved is None:
            raise _changed()
    return verbatim(saved)


@delete("/chats/{chat_id:int}/draft", opt={"problems": [409]})
async def drop_draft(request: ApiRequest, chat_id: PathId, updated_at: UpdatedAt = None) -> None:
    """Discard a draft, also after posting it; if it has not changed meanwhile, where `updated_at` is given."""
    known("updated_at", updated_at)
    draft = {"chat": chat_id, "user": request.caller.user_id}
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, chat_id, "keep a draft")
        dropped = await DRAFT_DROP.value(connection, **draft, updated_at=updated_at)
        if dropped is None and updated_at and await DRAFT_OF_USER.value(connection, **draft) is not None:
            raise _changed()


def _changed() -> Problem:
    return Problem(409, "draft_changed", "The draft is no longer the one with this updated_at: fetch it again.")


SCOPES = scopes.MESSAGES
HANDLERS = [show_draft, save_draft, drop_draft]
