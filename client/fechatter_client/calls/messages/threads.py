"""Threads: the replies to a message (`thread_id`), and those that the caller follows."""

from collections.abc import AsyncIterator

from ...api import Api
from ...models.messages.messages import Message
from ...models.messages.threads import FollowedThread, ThreadWithMessage


class Threads:
    def __init__(self, api: Api) -> None:
        self._api = api

    def newest(
        self, chat_id: int, thread_id: int, *, before_id: int | None = None, page_size: int = 100
    ) -> AsyncIterator[Message]:
        """The replies, backward from the newest or from just before one."""
        return self._api.items(Message, _path(chat_id, thread_id), {"before_id": before_id, "limit": page_size})

    async def after(
        self, chat_id: int, thread_id: int, message_id: int, *, page_size: int = 100
    ) -> AsyncIterator[Message]:
        """The replies, forward from just after a message; from the thread's first message, all of them."""
        params = {"after_id": message_id, "limit": page_size}
        async for page in self._api.pages(Message, _path(chat_id, thread_id), params):
            for message in reversed(page):  # the newest of a page comes first
                yield message

    def followed(self, *, page_size: int = 100) -> AsyncIterator[ThreadWithMessage]:
        """Newest reply first."""
        return self._api.items(ThreadWithMessage, "/threads", {"limit": page_size})

    async def follow(self, chat_id: int, thread_id: int) -> FollowedThread:
        """Repeating this changes nothing."""
        return await self._api.ask(FollowedThread, "PUT", f"{_path(chat_id, thread_id)}/follow", repeatable=True)

    async def unfollow(self, chat_id: int, thread_id: int) -> None:
        """Repeating this changes nothing. The caller's next reply follows it again."""
        await self._api.do("DELETE", f"{_path(chat_id, thread_id)}/follow")

    async def move_read_marker(self, chat_id: int, thread_id: int, thread_seq: int) -> FollowedThread:
        """Everything up to the reply with this `thread_seq` has been read."""
        body = {"thread_seq": thread_seq}
        return await self._api.ask(FollowedThread, "POST", f"{_path(chat_id, thread_id)}/read", body)


def _path(chat_id: int, thread_id: int) -> str:
    return f"/chats/{chat_id}/messages/{thread_id}/thread"
