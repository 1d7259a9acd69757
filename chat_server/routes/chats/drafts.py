"""Drafts: one unsent message per user and chat, and per thread, the same on all of the user's devices."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, delete, get, put
from litestar.params import JSONBody, QueryParameter

from chat_core.database.queries import Query, query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Content, PathId
from chat_server.http.moments import known
from chat_server.http.verbatim import verbatim
from chat_server.responses.reading import Draft
from chat_server.routes.messages.messages import found_message


@dataclass(frozen=True, slots=True)
class Drafts:
    """The queries of one kind of drafts, whose place is a chat, or a thread of one."""

    of_user: Query
    save: Query
    replace: Query
    drop: Query


OF_CHATS = Drafts(
    query("draft_of_user", "chat", "user"),
    query("draft_save", "chat", "user", "content"),
    query("draft_replace", "chat", "user", "content", "updated_at"),
    query("draft_drop", "chat", "user", "updated_at"),
)
OF_THREADS = Drafts(
    query("thread_draft_of_user", "chat", "thread", "user"),
    query("thread_draft_save", "chat", "thread", "user", "content"),
    query("thread_draft_replace", "chat", "thread", "user", "content", "updated_at"),
    query("thread_draft_drop", "chat", "thread", "user", "updated_at"),
)

UpdatedAt = Annotated[
    datetime | None,
    QueryParameter(description="Only if the draft is still the one with this `updated_at`; else 409 `draft_changed`."),
]


class NewDraft(msgspec.Struct, forbid_unknown_fields=True):
    content: Content


@get("/chats/{chat_id:int}/draft")
async def show_draft(request: ApiRequest, chat_id: PathId) -> Response[Draft]:
    """The caller's draft in a chat; 404 `no_draft` if there is none."""
    return await _show(request, OF_CHATS, chat=chat_id)


@put("/chats/{chat_id:int}/draft", opt={"problems": [409]})
async def save_draft(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewDraft], updated_at: UpdatedAt = None
) -> Response[Draft]:
    """Save a draft, replacing the previous one. Posting a message does not delete it: use DELETE."""
    return await _save(request, OF_CHATS, data.content, updated_at, chat=chat_id)


@delete("/chats/{chat_id:int}/draft", opt={"problems": [409]})
async def drop_draft(request: ApiRequest, chat_id: PathId, updated_at: UpdatedAt = None) -> None:
    """Discard a draft, also after posting it; if it has not changed meanwhile, where `updated_at` is given."""
    await _drop(request, OF_CHATS, updated_at, chat=chat_id)


@get("/chats/{chat_id:int}/messages/{message_id:int}/thread/draft")
async def show_thread_draft(request: ApiRequest, chat_id: PathId, message_id: PathId) -> Response[Draft]:
    """The caller's draft of a reply in the thread of a message; 404 `no_draft` if there is none."""
    return await _show(request, OF_THREADS, chat=chat_id, thread=message_id)


@put("/chats/{chat_id:int}/messages/{message_id:int}/thread/draft", opt={"problems": [409]})
async def save_thread_draft(
    request: ApiRequest, chat_id: PathId, message_id: PathId, data: JSONBody[NewDraft], updated_at: UpdatedAt = None
) -> Response[Draft]:
    """Save a draft of a reply in the thread of a message, even before its first reply, replacing the previous one.
    A user has drafts in at most a hundred threads. Posting the reply does not delete it: use DELETE."""
    return await _save(request, OF_THREADS, data.content, updated_at, chat=chat_id, thread=message_id)


@delete("/chats/{chat_id:int}/messages/{message_id:int}/thread/draft", opt={"problems": [409]})
async def drop_thread_draft(
    request: ApiRequest, chat_id: PathId, message_id: PathId, updated_at: UpdatedAt = None
) -> None:
    """Discard a draft of a reply, also after posting it; if it has not changed meanwhile, where `updated_at` is
    given."""
    await _drop(request, OF_THREADS, updated_at, chat=chat_id, thread=message_id)


async def _show(request: ApiRequest, drafts: Drafts, **place: int) -> Response[Draft]:
    await places.chat(request.pool, request.caller, place["chat"], "keep a draft")
    draft = await drafts.of_user.value(request.pool, **place, user=request.caller.user_id)
    if draft is None:
        raise Problem(404, "no_draft", "You have no draft here.")
    return verbatim(draft)


async def _save(
    request: ApiRequest, drafts: Drafts, content: str, updated_at: datetime | None, **place: int
) -> Response[Draft]:
    known("updated_at", updated_at)
    draft = {**place, "user": request.caller.user_id, "content": content}
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, place["chat"], "keep a draft")
        if updated_at is None:
            saved = found_message(await drafts.save.value(connection, **draft))
        else:
            saved = await drafts.replace.value(connection, **draft, updated_at=updated_at)
        if saved is None:
            raise _changed()
    return verbatim(saved)


async def _drop(request: ApiRequest, drafts: Drafts, updated_at: datetime | None, **place: int) -> None:
    known("updated_at", updated_at)
    draft = {**place, "user": request.caller.user_id}
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, place["chat"], "keep a draft")
        dropped = await drafts.drop.value(connection, **draft, updated_at=updated_at)
        if dropped is None and updated_at and await drafts.of_user.value(connection, **draft) is not None:
            raise _changed()


def _changed() -> Problem:
    return Problem(409, "draft_changed", "The draft is no longer the one with this updated_at: fetch it again.")


SCOPES = scopes.MESSAGES
HANDLERS = [show_draft, save_draft, drop_draft, show_thread_draft, save_thread_draft, drop_thread_draft]
