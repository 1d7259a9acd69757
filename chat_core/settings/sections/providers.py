"""The providers of identity at which people sign in: OpenID Connect, any number of them."""

import json
import urllib.parse
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.sections.ways_in import Domains, Text, WayIn, WayInName, is_safe_url
from chat_core.settings.types import NO_BOOLEAN, Section, WholeSeconds, in_words, split_list

GOOGLE = {"issuer": "https://accounts.google.com", "title": "Google"}

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key pair (RFC 7518, RFC 8037). `none` and HMAC are not among them, and cannot be set."""


def _check_issuer(value: str) -> str:
    parts = urllib.parse.urlsplit(value)
    if not is_safe_url(value) or parts.query or parts.fragment or parts.username is not None:
        raise ValueError
    return value


Issuer = Annotated[
    str,
    Field(max_length=255),
    AfterValidator(_check_issuer),
    in_words("an https:// URL without a query, as in the provider's discovery document (http:// on this machine)"),
]
ClaimName = Annotated[str, Field(min_length=1, max_length=255), in_words("the name of a claim")]


class Claims(Section):
    """The claims that hold what we know of a person."""

    name: ClaimName = "name"
    email: ClaimName = "email"
    email_verified: ClaimName = "email_verified"
    groups: ClaimName = "groups"


class OidcProvider(WayIn):
    """One provider of OpenID Connect. docs/identity/oidc.md describes each field."""

    issuer: Issuer
    client_id: Text
    client_secret: Annotated[SecretStr, in_words("a text")] | None = None
    client_secret_file: Annotated[Path, in_words("the path of a file")] | None = None
    scopes: Annotated[list[Text], BeforeValidator(split_list), in_words("a list of scopes, among them openid")] = Field(
        default=["openid", "profile", "email"]
    )
    claims: Claims = Claims()
    algorithms: Annotated[list[Algorithm], Field(min_length=1), in_words("a list such as [RS256, ES256]")] = Field(
        default=["RS256", "PS256", "ES256", "EdDSA"]
    )
    hd: Domains = Field(default=[])
    trusts_mfa: Annotated[bool, in_words("true or false")] = False
    mfa_acr: Annotated[list[Text], BeforeValidator(split_list), in_words("a list of values of the claim acr")] = Field(
        default=[]
    )
    clock_skew_seconds: Annotated[int, Field(ge=0, le=600), NO_BOOLEAN, in_words("a whole number from 0 to 600")] = 60
    outage_seconds: Annotated[WholeSeconds, in_words("a whole number from 1 to 86400")] = 43_200

    @model_validator(mode="after")
    def _fits(self) -> "OidcProvider":
        if (self.client_secret is None) == (self.client_secret_file is None):
            raise PydanticCustomError("combination", "client_secret: expected this or client_secret_file, and not both")
        if "openid" not in self.scopes:
            raise PydanticCustomError("combination", "scopes: expected openid among them")
        if self.mfa_acr and not self.trusts_mfa:
            raise PydanticCustomError("combination", "mfa_acr: expected trusts_mfa to be true with it")
        return self

    def secret(self) -> str:
        """The client's secret. Raises OSError for a file that cannot be read."""
        if self.client_secret is not None:
            return self.client_secret.get_secret_value()
        if self.client_secret_file is None:
            raise ValueError("a provider without a secret is not valid")
        return self.client_secret_file.read_text("utf-8").strip()


def _with_presets(value: object) -> object:
    """Providers as written: JSON in the environment, and `google` without what everybody would write for it."""
    providers: Any = json.loads(value) if isinstance(value, str) else value
    if isinstance(providers, dict) and isinstance(providers.get("google"), dict):
        return {**providers, "google": {**GOOGLE, **providers["google"]}}
    return providers


Providers = Annotated[
    dict[WayInName, OidcProvider],
    BeforeValidator(_with_presets),
    in_words("providers by name (small letters, digits, - and _), each with the fields of docs/identity/oidc.md"),
]
