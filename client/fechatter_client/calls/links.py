"""What is shown of links in messages."""

from collections.abc import Sequence

from ..api import Api
from ..models.links import ResolvedLink
from ..models.messages.messages import Message


class Links:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def resolve(self, urls: Sequence[str]) -> list[ResolvedLink]:
        """What the caller may see of links to this server, in the order of the URLs."""
        return await self._api.ask(
            list[ResolvedLink], "POST", "/links/resolve", {"links": [{"url": url} for url in urls]}
        )

    async def fetch_image(self, message: Message, link_id: int) -> bytes:
        """The picture of one of the message's links, as WebP."""
        return await self._api.get_bytes(f"/files/link-images/{message.chat_id}/{message.id}/{link_id}")

    async def remove(self, chat_id: int, message_id: int) -> Message:
        """Remove what is shown of a message's links, for good."""
        return await self._api.ask(Message, "DELETE", f"/chats/{chat_id}/messages/{message_id}/links")
