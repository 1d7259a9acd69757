"""Reactions to messages: one of each emoji per user."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from ...api import Api
from ...models.messages.reactions import MessageReactions, Reaction


class Reactions:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def add(self, chat_id: int, message_id: int, emoji: str) -> MessageReactions:
        """Repeating this changes nothing. Returns all reactions to the message."""
        path = f"{_path(chat_id, message_id)}/{quote(emoji, safe='')}"
        return await self._api.ask(MessageReactions, "PUT", path, repeatable=True)

    async def remove(self, chat_id: int, message_id: int, emoji: str) -> None:
        """Repeating this changes nothing."""
        await self._api.do("DELETE", f"{_path(chat_id, message_id)}/{quote(emoji, safe='')}")

    def list(
        self, chat_id: int, message_id: int, *, emoji: str | None = None, page_size: int = 100
    ) -> AsyncIterator[Reaction]:
        """The users who reacted, in order: with any emoji, or with one."""
        return self._api.items(Reaction, _path(chat_id, message_id), {"emoji": emoji, "limit": page_size})


def _path(chat_id: int, message_id: int) -> str:
    return f"/chats/{chat_id}/messages/{message_id}/reactions"
