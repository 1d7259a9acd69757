"""Workspaces and their members."""

from collections.abc import AsyncIterator

from msgspec import UNSET, UnsetType

from ..api import Api, given
from ..models.workspaces import (
    Emoji,
    RequiredProvider,
    RequiredSecondFactor,
    Role,
    StorageUsage,
    Workspace,
    WorkspaceInvitation,
    WorkspaceMember,
)


class Workspaces:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, page_size: int = 100) -> AsyncIterator[Workspace]:
        """The caller's workspaces, by id."""
        return self._api.items(Workspace, "/workspaces", {"limit": page_size})

    async def create(self, name: str, description: str = "", *, idempotency_key: str | None = None) -> Workspace:
        """Create a workspace, owned by the caller."""
        body = {"name": name, "description": description}
        return await self._api.create(Workspace, "/workspaces", body, idempotency_key)

    async def get(self, workspace_id: int) -> Workspace:
        return await self._api.get(Workspace, f"/workspaces/{workspace_id}")

    async def update(
        self,
        workspace_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        retention_days: int | UnsetType | None = UNSET,
        show_emails: bool | None = None,
        link_previews: bool | None = None,
        public_publishing: bool | None = None,
        icon_file_id: int | UnsetType | None = UNSET,
    ) -> Workspace:
        """Missing fields stay as they are; a `retention_days` of None keeps messages forever, and an `icon_file_id` of
        None removes the icon."""
        body = given(
            name=name,
            description=description,
            show_emails=show_emails,
            link_previews=link_previews,
            public_publishing=public_publishing,
        )
        if retention_days is not UNSET:
            body["retention_days"] = retention_days
        if icon_file_id is not UNSET:
            body["icon_file_id"] = icon_file_id
        return await self._api.ask(Workspace, "PUT", f"/workspaces/{workspace_id}", body)

    async def delete(self, workspace_id: int) -> None:
        """Deletes its chats and their messages too."""
        await self._api.do("DELETE", f"/workspaces/{workspace_id}")

    async def storage(self, workspace_id: int) -> StorageUsage:
        """Its storage usage and quota."""
        return await self._api.get(StorageUsage, f"/workspaces/{workspace_id}/storage")

    def emoji(self, workspace_id: int) -> AsyncIterator[Emoji]:
        """Those that the workspace has made itself, by name."""
        return self._api.items(Emoji, f"/workspaces/{workspace_id}/emoji", {})

    async def add_emoji(self, workspace_id: int, name: str, file_id: int) -> Emoji:
        """`shipit` is `:shipit:` in reactions and messages. The picture has at most 256 KiB."""
        path = f"/workspaces/{workspace_id}/emoji/{name}"
        return await self._api.ask(Emoji, "PUT", path, {"file_id": file_id}, repeatable=True)

    async def remove_emoji(self, workspace_id: int, name: str) -> None:
        """Its name stays in reactions and messages."""
        await self._api.do("DELETE", f"/workspaces/{workspace_id}/emoji/{name}")

    def members(self, workspace_id: int, q: str = "", *, page_size: int = 100) -> AsyncIterator[WorkspaceMember]:
        """By user id: those with all words of `q` in their names."""
        return self._api.items(WorkspaceMember, f"/workspaces/{workspace_id}/members", {"q": q, "limit": page_size})

    async def add_member(
        self,
        workspace_id: int,
        *,
        user_id: int | None = None,
        email: str | None = None,
        username: str | None = None,
        role: Role = "member",
        idempotency_key: str | None = None,
    ) -> WorkspaceMember:
        """Add a user who shares another workspace with the caller, by one of `user_id`, `email` and `username`. For
        others it is a Problem `invitation_needed`: `invite` them."""
        body = given(user_id=user_id, email=email, username=username, role=role)
        return await self._api.create(WorkspaceMember, f"/workspaces/{workspace_id}/members", body, idempotency_key)

    async def invite(
        self,
        workspace_id: int,
        *,
        user_id: int | None = None,
        email: str | None = None,
        username: str | None = None,
        role: Role = "member",
        idempotency_key: str | None = None,
    ) -> WorkspaceInvitation:
        """Invite a user, by one of `user_id`, `email` and `username`; they accept or decline."""
        body = given(user_id=user_id, email=email, username=username, role=role)
        path = f"/workspaces/{workspace_id}/invitations"
        return await self._api.create(WorkspaceInvitation, path, body, idempotency_key)

    def invitations(self, workspace_id: int, *, page_size: int = 100) -> AsyncIterator[WorkspaceInvitation]:
        """The unanswered ones, by user id."""
        return self._api.items(WorkspaceInvitation, f"/workspaces/{workspace_id}/invitations", {"limit": page_size})

    async def withdraw_invitation(self, workspace_id: int, user_id: int) -> None:
        await self._api.do("DELETE", f"/workspaces/{workspace_id}/invitations/{user_id}")

    async def required_provider(self, workspace_id: int) -> RequiredProvider:
        """The provider by which alone members sign in; Problem 404 if they sign in as they like."""
        return await self._api.get(RequiredProvider, f"/workspaces/{workspace_id}/required-provider")

    async def require_provider(
        self, workspace_id: int, provider: str, *, break_glass_owner_id: int | None = None
    ) -> RequiredProvider:
        """From now on members sign in by this provider alone, but for one owner, by default the caller. Their other
        sessions end."""
        body = given(provider=provider, break_glass_owner_id=break_glass_owner_id)
        return await self._api.ask(RequiredProvider, "PUT", f"/workspaces/{workspace_id}/required-provider", body)

    async def require_no_provider(self, workspace_id: int) -> None:
        await self._api.do("DELETE", f"/workspaces/{workspace_id}/required-provider")

    async def set_role(self, workspace_id: int, user_id: int, role: Role) -> WorkspaceMember:
        path = f"/workspaces/{workspace_id}/members/{user_id}"
        return await self._api.ask(WorkspaceMember, "PATCH", path, {"role": role})

    async def remove_member(self, workspace_id: int, user_id: int) -> None:
        """Remove a member from the workspace and all its chats. With the caller's own id: leave it."""
        await self._api.do("DELETE", f"/workspaces/{workspace_id}/members/{user_id}")

    async def required_second_factor(self, workspace_id: int) -> RequiredSecondFactor:
        """Since when members must have a second factor; 404 if they need none."""
        return await self._api.get(RequiredSecondFactor, f"/workspaces/{workspace_id}/required-second-factor")

    async def require_second_factor(self, workspace_id: int) -> RequiredSecondFactor:
        """Demand a second factor of all members, after a fresh sign-in: sessions that have shown none end at once."""
        path = f"/workspaces/{workspace_id}/required-second-factor"
        return await self._api.ask(RequiredSecondFactor, "PUT", path)

    async def require_no_second_factor(self, workspace_id: int) -> None:
        await self._api.do("DELETE", f"/workspaces/{workspace_id}/required-second-factor")
