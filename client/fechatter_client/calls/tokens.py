"""Personal access tokens, for programs."""

from collections.abc import AsyncIterator, Sequence

from ..api import Api
from ..models.auth import NewPersonalToken, PersonalToken


class PersonalTokens:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, page_size: int = 100) -> AsyncIterator[PersonalToken]:
        """The account's tokens that have not ended, by id."""
        return self._api.items(PersonalToken, "/auth/tokens", {"limit": page_size})

    async def create(
        self, name: str, scopes: Sequence[str], *, days: int, workspace_id: int | None = None
    ) -> NewPersonalToken:
        """A token that ends after `days` (at most 365); its `token` is shown this once. `Client(…, token=…)` uses it.
        With
        `workspace_id` it opens nothing else. Needs a fresh sign-in: 403 `reauthentication_required`."""
        body = {"name": name, "scopes": list(scopes), "days": days, "workspace_id": workspace_id}
        return await self._api.ask(NewPersonalToken, "POST", "/auth/tokens", body)

    async def end(self, token_id: int) -> None:
        """End a token, and its streams."""
        await self._api.do("DELETE", f"/auth/tokens/{token_id}")
