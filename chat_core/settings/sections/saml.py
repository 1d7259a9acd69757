"""The identity providers of SAML 2.0 at which people sign in, any number of them."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.sections.ways_in import SafeUrl, WayIn, WayInName
from chat_core.settings.types import NO_BOOLEAN, Section, WholeSeconds, in_words, split_list

EntityId = Annotated[str, Field(min_length=1, max_length=1024), in_words("a text of 1 to 1024 characters")]
Names = Annotated[list[EntityId], BeforeValidator(split_list), in_words("a list of names of attributes")]
File = Annotated[Path, in_words("the path of a file")]
Flag = Annotated[bool, in_words("true or false")]


class SamlAttributes(Section):
    """The attributes that hold what we know of a person: of several names the first one that is there counts. `subject`
    is who they are, for good; null: the NameID is."""

    subject: EntityId | None = None
    name: Names = Field(
        default=[
            "displayName",
            "urn:oid:2.16.840.1.113730.3.1.241",
            "http://schemas.microsoft.com/identity/claims/displayname",
            "cn",
            "urn:oid:2.5.4.3",
        ]
    )
    email: Names = Field(
        default=[
            "email",
            "mail",
            "urn:oid:0.9.2342.19200300.100.1.3",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        ]
    )
    groups: Names = Field(
        default=[
            "groups",
            "memberOf",
            "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
            "http://schemas.xmlsoap.org/claims/Group",
        ]
    )


class SamlProvider(WayIn):
    """One identity provider of SAML 2.0. docs/identity/saml.md describes each field."""

    metadata_file: File | None = None
    metadata_url: SafeUrl | None = None
    entity_id: EntityId | None = None
    sp_entity_id: EntityId | None = None
    name_id_format: Literal["persistent", "email", "transient", "unspecified"] = "persistent"
    attributes: SamlAttributes = SamlAttributes()
    idp_initiated: Flag = False
    private_key_file: File | None = None
    certificate_file: File | None = None
    clock_skew_seconds: Annotated[int, Field(ge=0, le=600), NO_BOOLEAN, in_words("a whole number from 0 to 600")] = 60
    outage_seconds: Annotated[WholeSeconds, in_words("a whole number from 1 to 86400")] = 43_200

    @model_validator(mode="after")
    def _fits(self) -> "SamlProvider":
        if (self.metadata_file is None) == (self.metadata_url is None):
            raise PydanticCustomError("combination", "metadata_file: expected this or metadata_url, and not both")
        if (self.private_key_file is None) != (self.certificate_file is None):
            raise PydanticCustomError("combination", "private_key_file: expected certificate_file with it")
        if self.name_id_format == "transient" and self.attributes.subject is None:
            raise PydanticCustomError(
                "combination", "attributes.subject: expected an attribute, since a transient NameID is good once"
            )
        return self


def _as_written(value: object) -> object:
    """In the environment it is JSON."""
    providers: Any = json.loads(value) if isinstance(value, str) else value
    return providers


SamlProviders = Annotated[
    dict[WayInName, SamlProvider],
    BeforeValidator(_as_written),
    in_words("providers by name (small letters, digits, - and _), each with the fields of docs/identity/saml.md"),
]
