"""Signing in at a provider of identity."""

import msgspec


class SignInProvider(msgspec.Struct):
    """`url` is where a browser goes to sign in there."""

    name: str
    title: str
    url: str


class ProviderPage(msgspec.Struct):
    """Where the browser goes next; null if the provider has no such page, or the session did not begin at one."""

    url: str | None
