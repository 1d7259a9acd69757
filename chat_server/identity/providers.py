"""All ways in that take the browser to a provider and back, whatever protocol they speak."""

from typing import TYPE_CHECKING, Protocol

from chat_core.problems import Problem
from chat_core.settings import Settings, SettingsError, WayIn
from chat_server.identity.clerk.clerk import Clerk
from chat_server.identity.oidc.provider import Provider as OidcProvider
from chat_server.identity.outgoing import Outgoing

if TYPE_CHECKING:  # what parses XML is an extra
    from chat_server.identity.saml.provider import Provider as SamlProvider


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
    async def logout_url(self, back_to: str, sid: str | None, name_id: str | None) -> str | None:
        """Where the browser signs out there too, by the provider's names of its session and of the user; None if there
        is no such page. Raises ProviderUnavailable."""


class Providers:
    def __init__(self, settings: Settings) -> None:
        self._outgoing = Outgoing()
        self.public_url = settings.server.origin
        self._oidc = {name: OidcProvider(name, each, self._outgoing) for name, each in settings.auth.providers.items()}
        self._saml = saml_providers(settings, self._outgoing, f"{self.public_url}/api/auth/saml")
        clerk = settings.auth.clerk
        self._clerk = Clerk(clerk, self._outgoing, self.public_url) if clerk is not None else None

    def all(self) -> list[Provider]:
        """In the order of the page's buttons."""
        clerk = [self._clerk] if self._clerk is not None and self._clerk.settings.sign_in_url else []
        return [*self._oidc.values(), *self._saml.values(), *clerk]

    def clerk(self) -> Clerk:
        """Raises Problem 404."""
        if self._clerk is None:
            raise Problem(404, "not_found", "This server does not use Clerk: auth.clerk is not set.")
        return self._clerk

    def oidc(self, name: str) -> OidcProvider:
        """Raises Problem 404."""
        if name not in self._oidc:
            raise Problem(404, "not_found", "This server knows no provider of this name.")
        return self._oidc[name]

    def saml(self, name: str) -> "SamlProvider":
        """Raises Problem 404."""
        if name not in self._saml:
            raise Problem(404, "not_found", "This server knows no provider of this name.")
        return self._saml[name]

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


def saml_providers(settings: Settings, outgoing: Outgoing, base: str) -> "dict[str, SamlProvider]":
    """The providers of SAML, whose routes are below `base`. Raises SettingsError where the extra is not installed."""
    if not settings.auth.saml:
        return {}
    try:
        from chat_server.identity.saml.provider import Provider
    except ImportError:
        raise SettingsError("auth.saml is set: SAML needs the extra, pip install 'fechatter[saml]'") from None
    return {name: Provider(name, each, outgoing, f"{base}/{name}") for name, each in settings.auth.saml.items()}
