"""Messages of a chat, and how far the caller has read."""

from collections.abc import AsyncIterator

from fechatter_client.api import Api
from fechatter_client.models import Message, ReadMarker


class Messages:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def post(self, chat_id: int, content: str, *, idempotency_key: str | None = None) -> Message:
        """Post a message, once: it is repeated under the same key where the answer was lost. Give a key of your own
        (1 to 255 visible ASCII characters) where the same message must not be posted again after a restart either."""
        return await self._api.create(Message, f"/chats/{chat_id}/messages", {"content": content}, idempotency_key)

    def newest(self, chat_id: int, *, before_id: int | None = None, page_size: int = 100) -> AsyncIterator[Message]:
        """Back in time, from the newest message or from just before one."""
        params = {"before_id": before_id, "limit": page_size}
        return self._api.items(Message, f"/chats/{chat_id}/messages", params)

    async def after(self, chat_id: int, message_id: int, *, page_size: int = 100) -> AsyncIterator[Message]:
        """Forward in time, from just after a message."""
        params = {"after_id": message_id, "limit": page_size}
        async for page in self._api.pages(Message, f"/chats/{chat_id}/messages", params):
            for message in reversed(page):  # the newest of a page comes first
                yield message

    async def move_read_marker(self, chat_id: int, seq: int) -> ReadMarker:
        """Everything up to the message of this `seq` has been read."""
        return await self._api.ask(ReadMarker, "POST", f"/chats/{chat_id}/read", {"seq": seq})
