"""All providers of the settings, and where they send people back."""

from chat_core.problems import Problem
from chat_core.settings import Settings
from chat_server.identity.oidc.outgoing import Outgoing
from chat_server.identity.oidc.provider import Provider


class Providers:
    def __init__(self, settings: Settings) -> None:
        self._outgoing = Outgoing()
        self._providers = {
            name: Provider(name, provider, self._outgoing) for name, provider in settings.auth.providers.items()
        }
        self.public_url = settings.server.public_url or f"http://localhost:{settings.server.port}"

    def all(self) -> list[Provider]:
        return list(self._providers.values())

    def named(self, name: str) -> Provider:
        """Raises Problem 404."""
        if name not in self._providers:
            raise Problem(404, "not_found", "This server knows no provider of this name.")
        return self._providers[name]

    @property
    def are_reached_safely(self) -> bool:
        """Whether browsers reach this server over TLS, so that cookies can demand it."""
        return self.public_url.startswith("https:")

    def begin_url(self, provider: Provider) -> str:
        """Where a browser begins to sign in."""
        return f"{self.public_url}/api/auth/{_path(provider)}"

    def callback_url(self, provider: Provider) -> str:
        """Where the provider sends the browser back: the redirect_uri that is registered there."""
        return f"{self.begin_url(provider)}/callback"

    async def close(self) -> None:
        await self._outgoing.close()


def _path(provider: Provider) -> str:
    return "google" if provider.name == "google" else f"oidc/{provider.name}"
