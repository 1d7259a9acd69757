"""Pinned messages of a chat."""

from collections.abc import AsyncIterator

from ...api import Api
from ...models.messages.pins import Pin, PinnedMessage


class Pins:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def add(self, chat_id: int, message_id: int) -> Pin:
        """Repeating this changes nothing."""
        return await self._api.ask(Pin, "PUT", f"/chats/{chat_id}/messages/{message_id}/pin", repeatable=True)

    async def remove(self, chat_id: int, message_id: int) -> None:
        """Repeating this changes nothing."""
        await self._api.do("DELETE", f"/chats/{chat_id}/messages/{message_id}/pin")

    def list(self, chat_id: int, *, page_size: int = 100) -> AsyncIterator[PinnedMessage]:
        """The newest pin first."""
        return self._api.items(PinnedMessage, f"/chats/{chat_id}/pins", {"limit": page_size})
