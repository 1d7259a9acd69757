"""Chats and who is in them."""

from collections.abc import AsyncIterator, Sequence

from fechatter_client.api import Api, given
from fechatter_client.models import Chat, ChatMember, ChatType, Role


class Chats:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, workspace_id: int | None = None, page_size: int = 100) -> AsyncIterator[Chat]:
        """The caller's chats, by id."""
        return self._api.items(Chat, "/chats", {"workspace_id": workspace_id, "limit": page_size})

    def joinable(self, *, workspace_id: int | None = None, page_size: int = 100) -> AsyncIterator[Chat]:
        """Public channels that the caller could join, by id."""
        params = {"workspace_id": workspace_id, "joinable": "true", "limit": page_size}
        return self._api.items(Chat, "/chats", params)

    async def create(
        self,
        type: ChatType,  # noqa: A002
        members: Sequence[int] = (),
        *,
        name: str = "",
        description: str = "",
        workspace_id: int | None = None,
        idempotency_key: str | None = None,
    ) -> Chat:
        """Make a chat; the caller owns it. `members` are user ids, without the caller's own. Without `workspace_id` it
        is made where the caller has been longest. A Single chat that is there already is returned."""
        body = given(type=type, members=[*members], name=name, description=description, workspace_id=workspace_id)
        return await self._api.create(Chat, "/chats", body, idempotency_key)

    async def get(self, chat_id: int) -> Chat:
        return await self._api.get(Chat, f"/chats/{chat_id}")

    async def update(self, chat_id: int, *, name: str | None = None, description: str | None = None) -> Chat:
        """What is left out stays."""
        return await self._api.ask(Chat, "PUT", f"/chats/{chat_id}", given(name=name, description=description))

    async def delete(self, chat_id: int) -> None:
        """With its messages."""
        await self._api.do("DELETE", f"/chats/{chat_id}")

    def members(self, chat_id: int, *, page_size: int = 100) -> AsyncIterator[ChatMember]:
        """By user id."""
        return self._api.items(ChatMember, f"/chats/{chat_id}/members", {"limit": page_size})

    async def add_member(
        self, chat_id: int, user_id: int, role: Role = "member", *, idempotency_key: str | None = None
    ) -> ChatMember:
        """Let somebody of the workspace in, with everything so far read."""
        body = {"user_id": user_id, "role": role}
        return await self._api.create(ChatMember, f"/chats/{chat_id}/members", body, idempotency_key)

    async def set_role(self, chat_id: int, user_id: int, role: Role) -> ChatMember:
        return await self._api.ask(ChatMember, "PATCH", f"/chats/{chat_id}/members/{user_id}", {"role": role})

    async def remove_member(self, chat_id: int, user_id: int) -> None:
        await self._api.do("DELETE", f"/chats/{chat_id}/members/{user_id}")

    async def tell_typing(self, chat_id: int, typing: bool = True) -> None:
        """Repeat it every three seconds while it goes on; without that it has ended after six."""
        await self._api.do("POST", f"/chats/{chat_id}/typing", {"typing": typing})

    async def leave(self, chat_id: int) -> None:
        await self._api.do("POST", f"/chats/{chat_id}/leave")

    async def join(self, chat_id: int) -> Chat:
        """Become a member of a public channel. To join again changes nothing."""
        return await self._api.ask(Chat, "POST", f"/chats/{chat_id}/join")
