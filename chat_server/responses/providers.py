"""Signing in at a provider of identity."""

from typing import Literal

import msgspec


class SignInProvider(msgspec.Struct):
    """A way in besides the password of an account. `kind` says what `url` is for: `page`, a browser goes there to sign
    in; `form`, the user name and password of a directory are posted there."""

    name: str
    title: str
    url: str
    kind: Literal["page", "form"]


class ProviderPage(msgspec.Struct):
    """Where the browser goes next; null if the provider has no such page, or the session did not begin at one."""

    url: str | None
