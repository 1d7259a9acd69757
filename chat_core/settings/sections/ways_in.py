"""What every way in beside a password has in common: how it is named, and whom it lets in."""

import ipaddress
import re
import urllib.parse
from typing import Annotated

import idna
from pydantic import AfterValidator, BeforeValidator, Field

from chat_core.settings.types import NO_BOOLEAN, Section, in_words, split_list

LISTS = "csv"
"""What `fechatter directory import` keeps a list under that is given no other name."""
# What else the servers keep under a name: sessions that began with a password or a passkey, personal access tokens,
# what apps may do, suspensions by an operator, and people whom a person, or their workspace, has put somewhere.
RESERVED = frozenset({LISTS, "app", "operator", "passkey", "password", "person", "token", "workspace"})
# An organisation's admins upload lists, and suspend people, under these.
RESERVED_FORM = re.compile(r"(list|organization)-[0-9]+")


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


def check_source(name: str) -> str:
    """The name of whatever says who is who: a way in, a directory or a list. What it says is kept under this name, and
    nothing else may be. Raises ValueError, which says what was expected."""
    if name in RESERVED or RESERVED_FORM.fullmatch(name):
        raise ValueError("Fechatter itself uses this name: expected another")
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", name):
        raise ValueError("expected at most 32 small letters, digits, - and _, a letter first")
    return name


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
OrganizationGroups = Annotated[
    dict[str, Annotated[int, Field(ge=1), NO_BOOLEAN]],
    in_words("the ids of an organisation's groups by the names of groups, such as {on-call: 7}"),
]
"""The members of a group at the provider are members of the organisation's group here, for as long."""
Departments = Annotated[
    dict[str, Annotated[int, Field(ge=1), NO_BOOLEAN]],
    in_words("the ids of an organisation's departments by the names of groups, such as {research: 4}"),
]
"""The members of a group at the provider have an appointment in the organisation's department here, for as long."""
SafeUrl = Annotated[
    str, Field(max_length=1024), AfterValidator(_check_url), in_words("an https:// URL (http:// on this machine)")
]
WayInName = Annotated[str, AfterValidator(check_source)]


class WayIn(Section):
    """The fields that every way in has."""

    title: Text | None = None
    allowed_domains: Domains = Field(default=[])
    owns_domains: Domains = Field(default=[])
    workspaces: Workspaces = Field(default={})
    organization_groups: OrganizationGroups = Field(default={})
    departments: Departments = Field(default={})
    creates_accounts: Annotated[bool, in_words("true or false")] | None = None

    @property
    def meant_groups(self) -> list[str]:
        """The names of the groups at the provider that stand for something here."""
        return list(dict.fromkeys([*self.workspaces, *self.organization_groups, *self.departments]))
