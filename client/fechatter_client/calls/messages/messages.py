"""Messages of a chat."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from ...api import Api, given
from ...models.messages.messages import Message, MessageEdit, MessageType


class Messages:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def post(
        self,
        chat_id: int,
        content: str | None = None,
        *,
        files: Sequence[int] = (),
        type: MessageType = "text",  # noqa: A002 - the field's name
        metadata: Mapping[str, Any] | None = None,
        reply_to: int | None = None,
        idempotency_key: str | None = None,
    ) -> Message:
        """Post a text, files (`client.files.upload`), or both, once: it is repeated under the same key if the response
        was lost. Pass a key of your own (1 to 255 visible ASCII characters) if the same message must not be posted
        again after a restart either."""
        fields = given(content=content, metadata=metadata, reply_to=reply_to, files=list(files) or None)
        body = {"type": type, **fields}
        return await self._api.post(f"/chats/{chat_id}/messages", body, idempotency_key)

    async def forward(self, message_id: int, chat_id: int, *, idempotency_key: str | None = None) -> Message:
        """Copy a message that the caller may read into a chat; the copy names its source."""
        body = {"forward_of": message_id}
        return await self._api.post(f"/chats/{chat_id}/messages", body, idempotency_key)

    async def get(self, chat_id: int, message_id: int) -> Message:
        return await self._api.get(Message, f"/chats/{chat_id}/messages/{message_id}")

    async def find(self, message_id: int) -> Message:
        """A message of any of the caller's chats."""
        return await self._api.get(Message, f"/messages/{message_id}")

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        content: str | None = None,
        *,
        files: Sequence[int] | None = None,
        metadata: Mapping[str, Any] | msgspec.UnsetType | None = msgspec.UNSET,
    ) -> Message:
        """Edit one of the caller's messages; missing fields stay as they are, and `files` replaces the list."""
        body = given(content=content, files=None if files is None else list(files))
        if metadata is not msgspec.UNSET:
            body["metadata"] = metadata
        edited = await self._api.ask(Message, "PATCH", f"/chats/{chat_id}/messages/{message_id}", body)
        self._api.forget(message_id)
        return edited

    def edits(self, chat_id: int, message_id: int, *, page_size: int = 100) -> AsyncIterator[MessageEdit]:
        """The content of a message before each of its edits, newest first."""
        return self._api.items(MessageEdit, f"/chats/{chat_id}/messages/{message_id}/edits", {"limit": page_size})

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Its tombstone stays."""
        await self._api.do("DELETE", f"/chats/{chat_id}/messages/{message_id}")
        self._api.forget(message_id)

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

    async def around(self, chat_id: int, message_id: int, *, amount: int = 50) -> list[Message]:
        """A message in the middle of those around it, newest first."""
        params = {"around_id": message_id, "limit": amount}
        async for page in self._api.pages(Message, f"/chats/{chat_id}/messages", params):
            return page
        return []
