"""Users' profiles."""

import builtins
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from msgspec import UNSET, UnsetType

from ..api import Api, given
from ..models.administration import DeletionPart
from ..models.users import OwnPresence, Presence, PresenceMode, Profile, User


class Users:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, workspace_id: int, *, page_size: int = 100) -> AsyncIterator[Profile]:
        """The members of a workspace, by id."""
        return self._api.items(Profile, "/users", {"workspace_id": workspace_id, "limit": page_size})

    async def by_ids(self, user_ids: Iterable[int]) -> builtins.list[Profile]:
        """Up to a hundred profiles at once, of people who share a workspace with the caller, without addresses."""
        return await self._api.get(builtins.list[Profile], "/users", {"ids": ",".join(map(str, user_ids))})

    async def me(self) -> User:
        return await self._api.get(User, "/auth/me")

    async def update_me(
        self,
        *,
        username: str | None = None,
        fullname: str | None = None,
        email: str | None = None,
        avatar: str | UnsetType | None = UNSET,
        avatar_file_id: int | UnsetType | None = UNSET,
        current_password: str | None = None,
    ) -> User:
        """Missing fields stay as they are. The avatar is a URL, or a picture that was uploaded; None for either removes
        it. A new `email` requires the password."""
        body = given(username=username, fullname=fullname, email=email, current_password=current_password)
        pictures = {"avatar": avatar, "avatar_file_id": avatar_file_id}
        body |= {name: value for name, value in pictures.items() if value is not UNSET}
        return await self._api.ask(User, "PATCH", "/users/me", body)

    def presence(
        self, workspace_id: int, user_ids: Sequence[int] | None = None, *, page_size: int = 100
    ) -> AsyncIterator[Presence]:
        """The presence of a workspace's members, by id: all of them, or up to a hundred named ones."""
        params = {"workspace_id": workspace_id, "user_ids": user_ids, "limit": page_size}
        return self._api.items(Presence, "/presence", params)

    async def choose_presence(self, mode: PresenceMode) -> OwnPresence:
        """How others see the caller; `auto` is the actual state."""
        return await self._api.ask(OwnPresence, "PUT", "/users/me/presence", {"presence_mode": mode}, repeatable=True)

    async def set_status(
        self, text: str | None = None, emoji: str | None = None, *, until: datetime | None = None
    ) -> User:
        """The caller's status, optionally until a time; without text and emoji it is removed."""
        body = {"text": text, "emoji": emoji, "until": until and until.isoformat()}
        return await self._api.ask(User, "PUT", "/users/me/status", body, repeatable=True)

    async def report_activity(self, *, idle: bool) -> None:
        """Whether the user has been idle in this session's clients for a while. A user whose sessions are all idle
        is away."""
        await self._api.do("PUT", "/users/me/activity", {"idle": idle})

    async def deactivate_me(self, password: str) -> None:
        """Ends all sessions; nobody can sign in to the account until an operator reactivates it."""
        await self._api.do("POST", "/users/me/deactivate", {"current_password": password})

    async def change_password(self, current: str, new: str) -> None:
        """Ends the caller's other sessions."""
        await self._api.do("POST", "/users/me/password", {"current_password": current, "new_password": new})

    async def export_me(self) -> bytes:
        """All that is stored of the caller, as a zip. Needs a fresh sign-in."""
        return await self._api.get_bytes("/users/me/export")

    async def preview_my_deletion(self) -> builtins.list[DeletionPart]:
        """What would go, and what would stay and why."""
        return await self._api.get(builtins.list[DeletionPart], "/users/me/deletion")

    async def delete_me(self) -> None:
        """For good: the account, messages, files and names. Needs a fresh sign-in."""
        await self._api.do("DELETE", "/users/me")
