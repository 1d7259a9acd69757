"""All ways in that take the browser to a provider and back, whatever protocol they speak."""

from typing import Protocol

from chat_core.problems import Problem
from chat_core.settings import Settings, WayIn
from chat_server.identity.oidc.provider import Provider as OidcProvider
from chat_server.identity.outgoing import Outgoing


class Provider(Protocol):
    """`name` is that of the settings, `title` is on the button, and `path` is where a browser begins, under
    /api/auth/."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def settings(self) -> WayIn: ...
    async def logout_url(self, back_to: str) -> str | None: ...


class Providers:
    def __init__(self, settings: Settings) -> None:
        self._outgoing = Outgoing()
        self._oidc = {name: OidcProvider(name, each, self._outgoing) for name, each in settings.auth.providers.items()}
        self.public_url = settings.server.public_url or f"http://localhost:{settings.server.port}"

    def all(self) -> list[Provider]:
        """In the order of the page's buttons."""
        return list(self._oidc.values())

    def oidc(self, name: str) -> OidcProvider:
        """Raises Problem 404."""
        if name not in self._oidc:
            raise Problem(404, "not_found", "This server knows no provider of this name.")
        return self._oidc[name]

    @property
    def are_reached_safely(self) -> bool:
        """Whether browsers reach this server over TLS, so that cookies can demand it."""
        return self.public_url.startswith("https:")

    def begin_url(self, provider: Provider) -> str:
        """Where a browser begins to sign in."""
        return f"{self.public_url}/api/auth/{provider.path}"

    def callback_url(self, provider: Provider) -> str:
        """Where a provider of OpenID Connect sends the browser back: the redirect_uri that is registered there."""
        return f"{self.begin_url(provider)}/callback"

    async def close(self) -> None:
        await self._outgoing.close()
