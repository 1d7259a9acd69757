"""Whether Clerk can be used: its keys, its Backend API, and the secret of its webhooks."""

from collections.abc import AsyncIterator

from chat_core.settings import Settings
from chat_server.identity.clerk import webhooks
from chat_server.identity.clerk.clerk import Clerk
from chat_server.identity.outgoing import Outgoing, ProviderUnavailable
from fechatter.commands.doctor.finding import Finding


async def usable(settings: Settings) -> AsyncIterator[Finding]:
    """A finding if Clerk is in the settings."""
    if settings.auth.clerk is None:
        return
    outgoing = Outgoing()
    try:
        yield await _usable(Clerk(settings.auth.clerk, outgoing, settings.server.origin))
    finally:
        await outgoing.close()


async def _usable(clerk: Clerk) -> Finding:
    try:
        keys = await clerk.keys.all()
        await clerk.backend.session("sess_that_is_none")
        secrets = [webhooks.key_of(secret) for secret in clerk.settings.webhook_secrets()]
    except ProviderUnavailable as error:
        return _problem(str(error))
    except OSError as error:
        return _problem(f"webhook_secret_file cannot be read: {error.strerror}")
    except ValueError as error:
        return _problem(f"webhook_secret_file: {error}")
    if not any("RS256" in key.algorithms for key in keys):
        return _problem(f"{clerk.settings.issuer} has no key for RS256: is it the Frontend API's URL?")
    if not secrets:
        return _problem("set webhook_secret_file: without webhooks, sessions that end at Clerk go on here")
    return Finding("clerk", f"{clerk.settings.issuer} and the Backend API answer; {len(secrets)} secret of webhooks")


def _problem(what: str) -> Finding:
    return Finding("clerk", "", f"auth.clerk: {what}")
