"""Directories that provision people and groups by SCIM 2.0, any number of them."""

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.sections.ways_in import Departments, Domains, OrganizationGroups, Text, WayInName, Workspaces
from chat_core.settings.types import Section, in_words, split_list


def _check_hash(value: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise ValueError
    return value.lower()


class ScimDirectory(Section):
    """One directory that provisions people. docs/identity/scim.md describes each field."""

    token_file: Annotated[Path, in_words("the path of a file")] | None = None
    token_sha256: Annotated[
        list[Annotated[str, AfterValidator(_check_hash)]],
        Field(max_length=2),
        BeforeValidator(split_list),
        in_words("one or two SHA-256 hashes of tokens, in hexadecimal"),
    ] = Field(default=[])
    owns_domains: Annotated[Domains, Field(min_length=1), in_words("a list of domains such as example.com")]
    way_in: WayInName | None = None
    issuer: Text | None = None
    subject: Annotated[Literal["externalId", "userName"], in_words("externalId or userName")] = "externalId"
    workspaces: Workspaces = Field(default={})
    organization_groups: OrganizationGroups = Field(default={})
    departments: Departments = Field(default={})
    unknown_attributes: Annotated[Literal["refuse", "ignore"], in_words("refuse or ignore")] = "refuse"

    @model_validator(mode="after")
    def _fits(self) -> "ScimDirectory":
        if (self.token_file is None) == (not self.token_sha256):
            raise PydanticCustomError("combination", "token_file: expected this or token_sha256, and not both")
        if self.issuer is not None and self.way_in is None:
            raise PydanticCustomError("combination", "issuer: expected way_in with it")
        return self


def _parsed(value: object) -> object:
    """In the environment: JSON."""
    parsed: Any = json.loads(value) if isinstance(value, str) else value
    return parsed


ScimDirectories = Annotated[
    dict[WayInName, ScimDirectory],
    BeforeValidator(_parsed),
    in_words("directories by name (small letters, digits, - and _), each with the fields of docs/identity/scim.md"),
]
