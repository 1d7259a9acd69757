"""A member's read position, notifications and draft in a chat."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlencode

from msgspec import UNSET, UnsetType

from ..api import Api, given
from ..errors import Problem
from ..models.messages.messages import Message
from ..models.reading import ChatNotifications, Draft, NotificationLevel, Reader, ReadMarker

# A mute without an end.
FOR_GOOD = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class Reading:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def move_marker(self, chat_id: int, seq: int) -> ReadMarker:
        """Everything up to the message with this `seq` has been read."""
        return await self._api.ask(ReadMarker, "POST", f"/chats/{chat_id}/read", {"seq": seq})

    async def mark_unread(self, chat_id: int, seq: int) -> ReadMarker:
        """The message with this `seq` and all later ones become unread."""
        return await self._api.ask(ReadMarker, "POST", f"/chats/{chat_id}/unread", {"seq": seq})

    def readers(self, chat_id: int, *, page_size: int = 100) -> AsyncIterator[Reader]:
        """Each member's read position, by user id."""
        return self._api.items(Reader, f"/chats/{chat_id}/readers", {"limit": page_size})

    def mentions(self, *, before_id: int | None = None, page_size: int = 100) -> AsyncIterator[Message]:
        """Messages that mention the caller, by name or with everyone, newest first."""
        return self._api.items(Message, "/mentions", {"before_id": before_id, "limit": page_size})

    async def set_notifications(
        self,
        chat_id: int,
        *,
        level: NotificationLevel | None = None,
        muted_until: datetime | UnsetType | None = UNSET,
    ) -> ChatNotifications:
        """Missing fields stay as they are. A `muted_until` of None ends a mute, FOR_GOOD never ends; a time has its
        zone."""
        body = given(notification_level=level)
        if not isinstance(muted_until, UnsetType):
            body["muted_until"] = muted_until and muted_until.isoformat()
        return await self._api.ask(ChatNotifications, "PATCH", f"/chats/{chat_id}/me", body)

    async def draft(self, chat_id: int, *, thread_id: int | None = None) -> Draft | None:
        """Of a message in the chat, or of a reply in a thread, which is named by its first message."""
        try:
            return await self._api.get(Draft, _draft(chat_id, thread_id))
        except Problem as problem:
            if problem.code != "no_draft":
                raise
            return None

    async def save_draft(
        self, chat_id: int, content: str, *, thread_id: int | None = None, replaces: Draft | None = None
    ) -> Draft:
        """Replaces the previous one, or only `replaces`: a Problem 409 `draft_changed` if it has changed since.
        Posting a message does not delete it: `drop_draft` does."""
        path = _draft(chat_id, thread_id) + _since(replaces)
        return await self._api.ask(Draft, "PUT", path, {"content": content})

    async def drop_draft(self, chat_id: int, draft: Draft | None = None, *, thread_id: int | None = None) -> None:
        """Whatever it is, or only this one: a Problem 409 `draft_changed` if it has changed since."""
        await self._api.do("DELETE", _draft(chat_id, thread_id) + _since(draft))


def _draft(chat_id: int, thread_id: int | None) -> str:
    return f"/chats/{chat_id}/draft" if thread_id is None else f"/chats/{chat_id}/messages/{thread_id}/thread/draft"


def _since(draft: Draft | None) -> str:
    return f"?{urlencode({'updated_at': draft.updated_at.isoformat()})}" if draft else ""
