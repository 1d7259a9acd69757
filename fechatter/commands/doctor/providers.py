"""Whether each provider of identity can be used: what it publishes about itself, and its keys."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chat_core.settings import Settings
from chat_server.identity.oidc.provider import Provider
from chat_server.identity.outgoing import Outgoing, ProviderUnavailable
from chat_server.identity.providers import saml_providers
from fechatter.commands.doctor.finding import Finding

if TYPE_CHECKING:
    from chat_server.identity.saml.provider import Provider as SamlProvider

CERTIFICATE_DAYS = timedelta(days=30)


async def usable(settings: Settings) -> AsyncIterator[Finding]:
    """A finding for each provider of the settings. Raises SettingsError."""
    outgoing = Outgoing()
    try:
        for saml in saml_providers(settings, outgoing, f"{settings.server.public_url}/api/auth/saml").values():
            yield await _usable_saml(saml, settings)
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


async def _usable_saml(provider: "SamlProvider", settings: Settings) -> Finding:
    """Certificates that end soon are a problem too: nobody could sign in, and only the provider has new ones."""
    named = f"auth.saml.{provider.name}"
    if settings.server.public_url is None:
        return Finding("provider", "", f"{named}: set server.public_url, where the provider sends people back")
    try:
        known, ours = await provider.metadata(), provider.signing_key()
    except ProviderUnavailable as error:
        return Finding("provider", "", f"{named}: {error}")
    if known.wants_signed_requests and ours is None:
        return Finding("provider", "", f"{named}: the provider wants signed requests: set private_key_file")
    for whose, certificates in (("the provider's", known.certificates), ("our", (ours[1],) if ours else ())):
        # While keys change there are two: the last one to end counts.
        last = max((each.not_valid_after_utc for each in certificates), default=None)
        if last is not None and last < datetime.now(UTC) + CERTIFICATE_DAYS:
            return Finding("provider", "", f"{named}: {whose} certificate ends on {last:%Y-%m-%d}: replace it in time")
    return Finding("provider", f"{provider.name}: the metadata of {known.entity_id} can be used")


def _problem(provider: Provider, what: str) -> Finding:
    return Finding("provider", "", f"auth.providers.{provider.name}: {what}")
