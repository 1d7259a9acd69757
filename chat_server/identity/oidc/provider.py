"""One provider: what its discovery document says, the requests of the authorization code flow, and its tokens.

OpenID Connect Discovery 1.0; Core 1.0, 3.1; PKCE (RFC 7636); the issuer in the response (RFC 9207).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from chat_core.settings import OidcProvider, is_safe_url
from chat_server.identity.keys import Keys
from chat_server.identity.oidc.tokens import verified_id_token, verified_logout_token
from chat_server.identity.outgoing import Outgoing, ProviderUnavailable
from chat_server.identity.pkce import proof_of
from chat_server.identity.remembered import Remembered
from chat_server.identity.signed_tokens import Claims, InvalidToken


class Metadata(msgspec.Struct):
    """What we use of a discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(msgspec.Struct):
    id_token: str
    access_token: str = ""


class Provider:
    """`name` is that of the settings. Every method that asks the provider raises ProviderUnavailable."""

    def __init__(self, name: str, settings: OidcProvider, outgoing: Outgoing) -> None:
        self.name, self.settings = name, settings
        self._outgoing = outgoing
        self._metadata = Remembered(self._discover, settings.outage_seconds)
        self._keys: Keys | None = None

    @property
    def title(self) -> str:
        return self.settings.title or self.name.capitalize()

    @property
    def path(self) -> str:
        return "google" if self.name == "google" else f"oidc/{self.name}"

    async def metadata(self) -> Metadata:
        return await self._metadata.get()

    async def keys(self) -> Keys:
        url = (await self.metadata()).jwks_uri
        if self._keys is None or self._keys.url != url:
            self._keys = Keys(self._outgoing, url, self.settings.outage_seconds)
        return self._keys

    async def authorization_url(
        self, redirect_uri: str, state: str, nonce: str, verifier: str, *, again: bool = False
    ) -> str:
        """Where the browser is sent to sign in there; `again`: also with a session there."""
        parameters = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": proof_of(verifier),
            "code_challenge_method": "S256",
        }
        if again:
            parameters |= {"prompt": "login", "max_age": "0"}  # so that the ID token has auth_time
        if self.settings.mfa_acr:
            parameters["acr_values"] = " ".join(self.settings.mfa_acr)  # by preference; the token says what it was
        if len(self.settings.hd) == 1:
            parameters["hd"] = self.settings.hd[0]  # Google then offers only such accounts
        return _with((await self.metadata()).authorization_endpoint, parameters)

    async def check_issuer(self, issuer: str | None) -> None:
        """Raises InvalidToken if a response is not this provider's, as `iss` in it says."""
        promised = (await self.metadata()).authorization_response_iss_parameter_supported
        if issuer != self.settings.issuer and (promised or issuer is not None):
            raise InvalidToken("the response is of another issuer")

    async def claims(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Claims:
        """What the provider says of the person who has signed in there, by the code that the browser has brought.
        Raises InvalidToken and ProviderRefused too."""
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        basic = self._credentials(metadata, form)
        tokens = await self._outgoing.post(metadata.token_endpoint, _Tokens, form, basic)
        claims = await verified_id_token(tokens.id_token, self.settings, await self.keys(), nonce)
        if self.settings.claims.email in claims or not (metadata.userinfo_endpoint and tokens.access_token):
            return claims
        user = await self._outgoing.get(metadata.userinfo_endpoint, dict[str, Any], tokens.access_token)
        if user.get("sub") != claims["sub"]:
            raise InvalidToken("its userinfo is about somebody else")
        return {**user, **claims}  # what is signed counts

    async def logout_claims(self, token: str) -> Claims:
        """The claims of a logout token. Raises InvalidToken."""
        return await verified_logout_token(token, self.settings, await self.keys())

    async def logout_url(self, back_to: str, sid: str | None, name_id: str | None) -> str | None:
        """Where the browser is sent to sign out there too (RP-Initiated Logout 1.0); None if the provider offers no
        such page."""
        endpoint = (await self.metadata()).end_session_endpoint
        if endpoint is None or not is_safe_url(endpoint):
            return None
        return _with(endpoint, {"client_id": self.settings.client_id, "post_logout_redirect_uri": back_to})

    def _credentials(self, metadata: Metadata, form: dict[str, str]) -> tuple[str, str] | None:
        """User and password for the header; None if the provider wants them in the form, where this puts them."""
        try:
            secret = self.settings.secret()
        except OSError as error:
            raise ProviderUnavailable(f"client_secret_file cannot be read: {error.strerror}") from error
        if "client_secret_basic" not in metadata.token_endpoint_auth_methods_supported:
            form.update(client_id=self.settings.client_id, client_secret=secret)
            return None
        return quote(self.settings.client_id, safe=""), quote(secret, safe="")  # RFC 6749, 2.3.1

    async def _discover(self) -> Metadata:
        url = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = await self._outgoing.get(url, Metadata)
        if metadata.issuer != self.settings.issuer:
            raise ProviderUnavailable(
                f"{url} is of the issuer {metadata.issuer[:255]!r}: the settings must say the same"
            )
        if not is_safe_url(metadata.authorization_endpoint):
            raise ProviderUnavailable(f"{url} names an authorization_endpoint that is not an https:// URL")
        return metadata


def _with(url: str, parameters: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
