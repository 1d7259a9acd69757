"""Apps, which people connect by OAuth, and those that the account has connected. An operator switches them on:
docs/integrations/apps.md."""

from collections.abc import AsyncIterator, Sequence

from ..api import Api, given
from ..models.apps import App, AppAnswer, AppQuestion, ConnectedApp, NewApp


class Apps:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, workspace_id: int, *, page_size: int = 100) -> AsyncIterator[App]:
        """The apps of a workspace, by id."""
        return self._api.items(App, f"/workspaces/{workspace_id}/apps", {"limit": page_size})

    async def create(
        self,
        workspace_id: int,
        name: str,
        redirect_uris: Sequence[str],
        scopes: Sequence[str],
        *,
        description: str = "",
        confidential: bool = True,
    ) -> NewApp:
        """An app whose owner the caller is; its `client_secret` is shown this once. Needs a fresh sign-in: 403
        `reauthentication_required`."""
        body = {
            "name": name,
            "redirect_uris": [*redirect_uris],
            "scopes": [*scopes],
            "description": description,
            "confidential": confidential,
        }
        return await self._api.ask(NewApp, "POST", f"/workspaces/{workspace_id}/apps", body)

    async def update(
        self,
        app_id: int,
        *,
        name: str | None = None,
        redirect_uris: Sequence[str] | None = None,
        scopes: Sequence[str] | None = None,
        description: str | None = None,
        owner_id: int | None = None,
    ) -> App:
        """Missing fields stay as they are. Needs a fresh sign-in."""
        body = given(name=name, redirect_uris=redirect_uris, scopes=scopes, description=description, owner_id=owner_id)
        return await self._api.ask(App, "PATCH", f"/apps/{app_id}", body)

    async def replace_secret(self, app_id: int) -> NewApp:
        """The former one stops working at once. Needs a fresh sign-in."""
        return await self._api.ask(NewApp, "POST", f"/apps/{app_id}/secret")

    async def delete(self, app_id: int) -> None:
        """What it may do for people ends."""
        await self._api.do("DELETE", f"/apps/{app_id}")

    async def asked(self, request: str) -> AppQuestion:
        """What an app asks the account for; `request` is the query string with which it has sent the browser."""
        return await self._api.ask(AppQuestion, "POST", "/auth/apps/asked", {"request": request})

    async def connect(self, request: str, scopes: Sequence[str], *, workspace_id: int | None = None) -> str:
        """Let an app act for the account, perhaps in one workspace alone; where the browser goes then. `scopes` are
        those of the question that was shown. Needs a fresh sign-in."""
        body = {"request": request, "scopes": scopes, "workspace_id": workspace_id}
        return (await self._api.ask(AppAnswer, "POST", "/auth/apps", body)).url

    def connected(self, *, page_size: int = 100) -> AsyncIterator[ConnectedApp]:
        """The apps that may act for the account, by id."""
        return self._api.items(ConnectedApp, "/auth/apps", {"limit": page_size})

    async def disconnect(self, app_id: int) -> None:
        """Take back what an app may do, and end its streams."""
        await self._api.do("DELETE", f"/auth/apps/{app_id}")
