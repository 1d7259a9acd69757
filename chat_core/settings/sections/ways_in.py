"""What every way in beside a password has in common: how it is named, and whom it lets in."""

import ipaddress
import re
import urllib.parse
from typing import Annotated

import idna
from pydantic import AfterValidator, BeforeValidator, Field

from chat_core.settings.types import NO_BOOLEAN, Section, in_words, split_list

# Sessions that began with a password or a passkey, personal access tokens, and suspensions by an operator have these
# names.
RESERVED = frozenset({"operator", "passkey", "password", "token"})


def is_safe_url(url: str) -> bool:
    """Whether nobody between us and this URL can read or change what is sent: https, or this machine."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_this_machine(parts.hostname or "")


def is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_url(value: str) -> str:
    if not is_safe_url(value):
        raise ValueError
    return value


def _check_name(value: str) -> str:
    if value in RESERVED or not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", value):
        raise ValueError
    return value


def _check_domain(value: str) -> str:
    if not re.fullmatch(r"[^\s@]+\.[^\s@]+", value):
        raise ValueError
    try:  # in its own letters, as addresses are compared
        return idna.decode(value, uts46=True) if "xn--" in value.lower() or not value.isascii() else value.lower()
    except idna.IDNAError:
        raise ValueError from None


Text = Annotated[str, Field(min_length=1, max_length=255), in_words("a text of 1 to 255 characters")]
Domains = Annotated[
    list[Annotated[str, AfterValidator(_check_domain)]],
    BeforeValidator(split_list),
    in_words("a list of domains such as example.com"),
]
Workspaces = Annotated[
    dict[str, Annotated[int, Field(ge=1), NO_BOOLEAN]],
    in_words("the ids of workspaces by the names of groups, such as {engineering: 12}"),
]
"""The members of a group at the provider are members of the workspace here, for as long."""
SafeUrl = Annotated[
    str, Field(max_length=1024), AfterValidator(_check_url), in_words("an https:// URL (http:// on this machine)")
]
WayInName = Annotated[str, AfterValidator(_check_name)]


class WayIn(Section):
    """The fields that every way in has."""

    title: Text | None = None
    allowed_domains: Domains = Field(default=[])
    owns_domains: Domains = Field(default=[])
    workspaces: Workspaces = Field(default={})
    creates_accounts: Annotated[bool, in_words("true or false")] | None = None
