"""Directories whose people sign in here: LDAP and Active Directory, any number of them."""

import json
import re
import urllib.parse
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.sections.ways_in import Text, WayIn, WayInName, is_this_machine
from chat_core.settings.types import NO_BOOLEAN, NULL_IS_ZERO, in_words, split_list

# What everybody would write for a directory of this type.
PRESETS: dict[str, dict[str, Any]] = {
    "openldap": {
        "filter": "(objectClass=inetOrgPerson)",
        "login": ["uid", "mail"],
        "id": "entryUUID",
        "groups_filter": "(objectClass=groupOfNames)",
        "memberships": "member",
    },
    "active_directory": {
        "filter": "(&(objectCategory=person)(objectClass=user))",
        "login": ["sAMAccountName", "userPrincipalName", "mail"],
        "id": "objectGUID",
        "groups_filter": "(objectClass=group)",
        "memberships": "in_chain",
    },
}


def _check_url(value: str) -> str:
    parts = urllib.parse.urlsplit(value)
    _ = parts.port  # raises ValueError for one that is not a number
    if parts.scheme not in ("ldap", "ldaps") or not parts.hostname or parts.username is not None:
        raise ValueError
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError
    return value.rstrip("/")


def _check_filter(value: str) -> str:
    """A filter of RFC 4515, as far as its parentheses say; the server judges the rest."""
    depth = 0
    for index, character in enumerate(value):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < (index < len(value) - 1):
            raise ValueError  # it ends early, or begins with something else
    if depth or not value:
        raise ValueError
    return value


def _check_attribute(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", value):
        raise ValueError
    return value


Url = Annotated[str, Field(max_length=255), AfterValidator(_check_url), in_words("ldaps://host or ldap://host")]
Filter = Annotated[
    str, Field(max_length=1000), AfterValidator(_check_filter), in_words("a filter such as (objectClass=person)")
]
Attribute = Annotated[str, AfterValidator(_check_attribute), in_words("the name of an attribute, such as mail")]
Attributes = Annotated[
    list[Attribute],
    Field(min_length=1, max_length=8),
    BeforeValidator(split_list),
    in_words("a list of attributes such as [uid, mail]"),
]


class LdapDirectory(WayIn):
    """One directory. docs/identity/ldap.md describes each field."""

    type: Literal["openldap", "active_directory"] = "openldap"
    urls: Annotated[
        list[Url],
        Field(min_length=1, max_length=8),
        BeforeValidator(split_list),
        in_words("a list of ldaps://host or ldap://host"),
    ]
    starttls: Annotated[bool, in_words("true or false")] = True
    ca_file: Annotated[Path, in_words("the path of a file")] | None = None
    bind_dn: Text | None = None
    bind_password: Annotated[SecretStr, in_words("a text")] | None = None
    bind_password_file: Annotated[Path, in_words("the path of a file")] | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=60), NO_BOOLEAN, in_words("a whole number from 1 to 60")] = 5

    base: Text
    filter: Filter
    login: Attributes
    id: Attribute
    name: Attributes = Field(default=["displayName", "cn"])
    email: Attribute = "mail"

    groups_base: Text | None = None
    groups_filter: Filter
    group_name: Attribute = "cn"
    memberships: Literal["in_chain", "member", "memberof"]
    member: Attribute = "member"

    sync_seconds: Annotated[
        int, Field(ge=0, le=86_400), NO_BOOLEAN, NULL_IS_ZERO, in_words("a whole number from 0 to 86400")
    ] = 3600

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        preset = PRESETS.get(value.get("type", "openldap"), PRESETS["openldap"])
        return {**preset, **value}

    @model_validator(mode="after")
    def _fits(self) -> "LdapDirectory":
        passwords = (self.bind_password is not None) + (self.bind_password_file is not None)
        if passwords != (self.bind_dn is not None):
            raise PydanticCustomError(
                "combination", "bind_dn: expected this with bind_password or bind_password_file, or none of the three"
            )
        if not self.starttls and not all(_is_private(url) for url in self.urls):
            raise PydanticCustomError(
                "combination", "starttls: expected true, since an ldap:// URL is of another machine: passwords are sent"
            )
        return self

    def password(self) -> str:
        """Of bind_dn; empty without one. Raises OSError for a file that cannot be read."""
        if self.bind_password is not None:
            return self.bind_password.get_secret_value()
        return self.bind_password_file.read_text("utf-8").strip() if self.bind_password_file is not None else ""


def _is_private(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme == "ldaps" or is_this_machine(parts.hostname or "")


def _decoded(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


Directories = Annotated[
    dict[WayInName, LdapDirectory],
    BeforeValidator(_decoded),
    in_words("directories by name (small letters, digits, - and _), each with the fields of docs/identity/ldap.md"),
]
