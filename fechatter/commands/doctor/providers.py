"""Whether each provider of identity can be used: its discovery document, its issuer and its keys."""

from collections.abc import AsyncIterator

from chat_core.settings import Settings
from chat_server.identity.oidc.provider import Provider
from chat_server.identity.outgoing import Outgoing, ProviderUnavailable
from fechatter.commands.doctor.finding import Finding


async def usable(settings: Settings) -> AsyncIterator[Finding]:
    """A finding for each provider of the settings."""
    outgoing = Outgoing()
    try:
        for name, provider in settings.auth.providers.items():
            yield await _usable(Provider(name, provider, outgoing), settings)
    finally:
        await outgoing.close()


async def _usable(provider: Provider, settings: Settings) -> Finding:
    if settings.server.public_url is None:
        return _problem(provider, "set server.public_url, where the provider sends people back")
    try:
        provider.settings.secret()
        algorithms = set().union(*(key.algorithms for key in await (await provider.keys()).all()))
    except (ProviderUnavailable, OSError) as error:
        return _problem(provider, str(error))
    if algorithms.isdisjoint(provider.settings.algorithms):
        return _problem(provider, "none of its keys is for one of the algorithms in the settings")
    return Finding("provider", f"{provider.name}: {provider.settings.issuer} answers, and its keys can be used")


def _problem(provider: Provider, what: str) -> Finding:
    return Finding("provider", "", f"auth.providers.{provider.name}: {what}")
