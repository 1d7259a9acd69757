"""Chats and their members."""

import builtins
from collections.abc import AsyncIterator, Sequence

from msgspec import UNSET, UnsetType

from ..api import Api, given
from ..models.chats import Chat, ChatBan, ChatMember, ChatType
from ..models.invites import ChatInvite, NewChatInvite
from ..models.workspaces import Role


class Chats:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, workspace_id: int | None = None, search: str = "", page_size: int = 100) -> AsyncIterator[Chat]:
        """The caller's chats, by id. `search` matches part of the name."""
        return self._api.items(Chat, "/chats", {"workspace_id": workspace_id, "search": search, "limit": page_size})

    def joinable(
        self, *, workspace_id: int | None = None, search: str = "", page_size: int = 100
    ) -> AsyncIterator[Chat]:
        """Public channels and private ones with a password that the caller could join, by id."""
        params = {"workspace_id": workspace_id, "joinable": "true", "search": search, "limit": page_size}
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
        """Create a chat, owned by the caller. `members` are user ids, without the caller's own. Without
        `workspace_id`, the chat is created in the workspace in which the caller has been longest. An existing Single
        chat is returned."""
        body = given(type=type, members=[*members], name=name, description=description, workspace_id=workspace_id)
        return await self._api.create(Chat, "/chats", body, idempotency_key)

    async def get(self, chat_id: int) -> Chat:
        return await self._api.get(Chat, f"/chats/{chat_id}")

    async def update(
        self,
        chat_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        retention_days: int | UnsetType | None = UNSET,
    ) -> Chat:
        """Missing fields stay as they are; a `retention_days` of None means the workspace's."""
        body = given(name=name, description=description)
        if retention_days is not UNSET:
            body["retention_days"] = retention_days
        return await self._api.ask(Chat, "PUT", f"/chats/{chat_id}", body)

    async def delete(self, chat_id: int) -> None:
        """Deletes its messages too."""
        await self._api.do("DELETE", f"/chats/{chat_id}")

    def members(self, chat_id: int, *, page_size: int = 100) -> AsyncIterator[ChatMember]:
        """By user id."""
        return self._api.items(ChatMember, f"/chats/{chat_id}/members", {"limit": page_size})

    async def members_named(self, chat_id: int, name: str, *, limit: int = 20) -> builtins.list[ChatMember]:
        """Members to offer while a name is typed, those who posted last first: at most 20."""
        params = {"q": name, "limit": limit}
        return await self._api.get(builtins.list[ChatMember], f"/chats/{chat_id}/members", params)

    async def add_member(
        self, chat_id: int, user_id: int, role: Role = "member", *, idempotency_key: str | None = None
    ) -> ChatMember:
        """Add a user of the workspace. Everything so far counts as read."""
        body = {"user_id": user_id, "role": role}
        return await self._api.create(ChatMember, f"/chats/{chat_id}/members", body, idempotency_key)

    async def set_role(self, chat_id: int, user_id: int, role: Role) -> ChatMember:
        return await self._api.ask(ChatMember, "PATCH", f"/chats/{chat_id}/members/{user_id}", {"role": role})

    async def remove_member(self, chat_id: int, user_id: int) -> None:
        await self._api.do("DELETE", f"/chats/{chat_id}/members/{user_id}")

    async def tell_typing(self, chat_id: int, typing: bool = True) -> None:
        """Repeat it every three seconds while the user types; otherwise typing ends after six."""
        await self._api.do("POST", f"/chats/{chat_id}/typing", {"typing": typing})

    async def leave(self, chat_id: int) -> None:
        await self._api.do("POST", f"/chats/{chat_id}/leave")

    async def join(self, chat_id: int, password: str | None = None) -> Chat:
        """Join a public channel, or a private one with its password. Joining again changes nothing."""
        return await self._api.ask(Chat, "POST", f"/chats/{chat_id}/join", given(password=password) or None)

    async def set_password(self, chat_id: int, password: str | None) -> None:
        """Let members of the workspace find a private channel and join it with this password; None hides it again."""
        if password is None:
            await self._api.do("DELETE", f"/chats/{chat_id}/password")
        else:
            await self._api.do("PUT", f"/chats/{chat_id}/password", {"password": password})

    async def archive(self, chat_id: int) -> Chat:
        """Make a chat read-only."""
        return await self._api.ask(Chat, "POST", f"/chats/{chat_id}/archive", repeatable=True)

    async def unarchive(self, chat_id: int) -> Chat:
        return await self._api.ask(Chat, "POST", f"/chats/{chat_id}/unarchive", repeatable=True)

    async def transfer(self, chat_id: int, user_id: int) -> Chat:
        """Make another member the owner; the caller becomes an admin."""
        return await self._api.ask(Chat, "POST", f"/chats/{chat_id}/transfer", {"user_id": user_id})

    async def silence(self, chat_id: int, user_id: int, seconds: int) -> ChatMember:
        """Keep a member from posting for a time."""
        path = f"/chats/{chat_id}/members/{user_id}/silence"
        return await self._api.ask(ChatMember, "PUT", path, {"seconds": seconds}, repeatable=True)

    async def end_silence(self, chat_id: int, user_id: int) -> None:
        await self._api.do("DELETE", f"/chats/{chat_id}/members/{user_id}/silence")

    def bans(self, chat_id: int, *, page_size: int = 100) -> AsyncIterator[ChatBan]:
        """The current bans, by user id."""
        return self._api.items(ChatBan, f"/chats/{chat_id}/bans", {"limit": page_size})

    async def ban(self, chat_id: int, user_id: int, *, reason: str = "", seconds: int | None = None) -> ChatBan:
        """Remove a user and keep them out, for a time or until the ban is lifted."""
        body = given(reason=reason, seconds=seconds)
        return await self._api.ask(ChatBan, "PUT", f"/chats/{chat_id}/bans/{user_id}", body, repeatable=True)

    async def lift_ban(self, chat_id: int, user_id: int) -> None:
        await self._api.do("DELETE", f"/chats/{chat_id}/bans/{user_id}")

    def invites(self, chat_id: int, *, page_size: int = 100) -> AsyncIterator[ChatInvite]:
        """The invites that have not expired, by id."""
        return self._api.items(ChatInvite, f"/chats/{chat_id}/invites", {"limit": page_size})

    async def create_invite(
        self,
        chat_id: int,
        role: Role = "member",
        *,
        expires_in: int | None = None,
        max_uses: int | None = None,
        idempotency_key: str | None = None,
    ) -> NewChatInvite:
        """Create an invite link, valid for this many seconds (by default a week) and users (by default any number)."""
        body = given(role=role, expires_in=expires_in, max_uses=max_uses)
        return await self._api.create(NewChatInvite, f"/chats/{chat_id}/invites", body, idempotency_key)

    async def revoke_invite(self, chat_id: int, invite_id: int) -> None:
        await self._api.do("DELETE", f"/chats/{chat_id}/invites/{invite_id}")
