from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.sections.clerk import CLERK, OptionalClerk
from chat_core.settings.sections.ldap import Directories
from chat_core.settings.sections.providers import Providers
from chat_core.settings.sections.saml import SamlProviders
from chat_core.settings.sections.scim import ScimDirectories
from chat_core.settings.sections.ways_in import Domains
from chat_core.settings.types import Count, Days, Section, WholeSeconds


class Auth(Section):
    """Signing in. chat_server signs with the private key; notify_server has only the public one.

    openssl genpkey -algorithm ed25519 -out private.pem && openssl pkey -in private.pem -pubout -out public.pem
    """

    issuer: Annotated[str, Field(min_length=1, max_length=200)] = "fechatter"
    """The `iss` of access tokens; both servers must agree."""

    private_key: Path | None = None
    """Ed25519 private key, path of a PEM file with mode 0600; null: `fechatter up` creates a pair in development. It
    is a secret."""

    public_key: Path | None = None
    """Its public key, path of a PEM file; null: `fechatter up` creates a pair in development."""

    signup: Literal["open", "invited", "closed"] = "open"
    """Who may create an account: open (everyone), invited (those with a valid invite to a chat or board) or closed
    (only an operator: SELECT create_user('Ada', 'ada@example.com', '') and ops.reset_password)."""

    allowed_domains: Domains = Field(default=[])
    """The domains of addresses with which accounts may be created, by whatever way in; none: all."""

    access_token_seconds: WholeSeconds = 900
    """Life of an access token. A stream ends no later than its token."""

    refresh_token_days: Days = 30
    """Life of a refresh token, which each use replaces."""

    fresh_seconds: WholeSeconds = 900
    """How long after proving who they are a user may do sensitive acts, such as ending sessions on other devices."""

    ticket_seconds: WholeSeconds = 30
    """Life of a ticket, which opens one stream once."""

    signin_window_seconds: WholeSeconds = 900
    """The window in which the attempts below are counted."""

    signin_attempts_per_account: Count = 10
    """Failed sign-ins to one account from one client address, or from one device that has signed in to it before;
    and wrong passwords of one session when it must enter the password again."""

    signin_attempts_in_all: Count = 300
    """Failed sign-ins to one account from all addresses together. Devices that have signed in to it before are not
    locked out."""

    signin_attempts_per_address: Count = 100
    """Failed sign-ins from one client address, to all accounts."""

    signups_per_address: Count = 100
    """Accounts created from one client address."""

    providers: Providers = Field(default={})
    """Providers of identity (OpenID Connect) at which people may sign in, each with a button on the page. They need
    server.public_url, under which the provider sends people back. docs/identity/oidc.md describes every field.

      google: {client_id: 123.apps.googleusercontent.com, client_secret_file: /etc/fechatter/google}
      acme: {issuer: https://login.acme.example, client_id: fechatter, client_secret_file: /etc/fechatter/acme}
    """

    saml: SamlProviders = Field(default={})
    """Identity providers of SAML 2.0, each with a button on the page. They need server.public_url and the extra
    fechatter[saml]. docs/identity/saml.md describes every field.

      corp: {metadata_url: https://login.corp.example/metadata, owns_domains: [corp.example]}
    """

    ldap: Directories = Field(default={})
    """Directories (LDAP, Active Directory) whose people sign in by a form on the page. They need the extra
    fechatter[ldap]. docs/identity/ldap.md describes every field.

      acme: {urls: ldaps://ldap.acme.example, base: "dc=acme,dc=example", owns_domains: acme.example}
    """

    clerk: OptionalClerk = None
    """An application of Clerk, whose session tokens and webhooks are accepted; null: none. docs/identity/clerk.md
    describes every field.

      issuer: https://clerk.example.com
      secret_key_file: /etc/fechatter/clerk
      webhook_secret_file: /etc/fechatter/clerk-webhook
      authorized_parties: [https://app.example.com]
    """

    scim: ScimDirectories = Field(default={})
    """Directories (Okta, Entra and others) that provision people and groups at /api/scim/v2/NAME. They need the extra
    fechatter[scim]. docs/identity/scim.md describes every field.

      acme-people: {token_file: /etc/fechatter/scim, owns_domains: acme.example, way_in: acme}
    """

    @model_validator(mode="after")
    def _name_each_way_in_once(self) -> "Auth":
        for name, times in Counter([*self.way_in_names(), *self.scim]).items():
            if times > 1:
                raise PydanticCustomError("combination", f"expected one way in of the name {name}, and not {times}")
        return self

    def way_in_names(self) -> list[str]:
        """Of all ways in but the password: identities and sessions name them."""
        return [*self.providers, *self.saml, *self.ldap, *([CLERK] if self.clerk is not None else [])]

    @model_validator(mode="after")
    def _scim_provisions_for_ways_in(self) -> "Auth":
        for name, directory in self.scim.items():
            if directory.way_in is None:
                continue
            if directory.way_in not in self.way_in_names():
                raise PydanticCustomError("combination", f"scim.{name}.way_in: expected the name of a way in")
            if directory.issuer is None and directory.way_in not in self.providers:
                raise PydanticCustomError("combination", f"scim.{name}.issuer: expected one, as of {directory.way_in}")
        return self
