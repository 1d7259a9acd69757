"""Profiles, and one's own."""

from collections.abc import AsyncIterator

from msgspec import UNSET, UnsetType

from fechatter_client.api import Api, given
from fechatter_client.models import User


class Users:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, workspace_id: int, *, page_size: int = 100) -> AsyncIterator[User]:
        """The members of a workspace, by id."""
        return self._api.items(User, "/users", {"workspace_id": workspace_id, "limit": page_size})

    async def me(self) -> User:
        return await self._api.get(User, "/auth/me")

    async def update_me(
        self,
        *,
        username: str | None = None,
        fullname: str | None = None,
        email: str | None = None,
        avatar: str | UnsetType | None = UNSET,
    ) -> User:
        """What is left out stays; an `avatar` of None takes it away."""
        body = given(username=username, fullname=fullname, email=email) | (
            {} if avatar is UNSET else {"avatar": avatar}
        )
        return await self._api.ask(User, "PATCH", "/users/me", body)

    async def change_password(self, current: str, new: str) -> None:
        """Ends the caller's other sessions."""
        await self._api.do("POST", "/users/me/password", {"current_password": current, "new_password": new})
