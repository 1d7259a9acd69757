"""What must hold for a token of a provider before anything in it is believed.

ID tokens: OpenID Connect Core 1.0, 3.1.3.7. Logout tokens: OpenID Connect Back-Channel Logout 1.0, 2.6.
"""

import hmac
import time
from collections.abc import Mapping
from typing import Any

import jwt

from chat_core.settings import OidcProvider
from chat_server.identity.oidc.keys import Keys

LONGEST_TOKEN = 64 << 10
LONGEST_SUBJECT = 255
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
# How old a logout token may be: providers deliver it at once, and repeat it for a short time.
LOGOUT_SECONDS = 300

Claims = Mapping[str, Any]


class InvalidToken(Exception):
    """A token of a provider must not be believed. The text says which rule it violates."""


async def verified_id_token(token: str, settings: OidcProvider, keys: Keys, nonce: str) -> Claims:
    """The claims of an ID token that answers the request with this nonce. Raises InvalidToken and
    ProviderUnavailable."""
    claims = await _verified(token, settings, keys, ["iss", "aud", "sub", "iat", "exp"], ("jwt",))
    if "events" in claims:
        raise InvalidToken("it is not an ID token")
    if not hmac.compare_digest(_text(claims, "nonce").encode(), nonce.encode()):
        raise InvalidToken("its nonce is another one")
    _text(claims, "sub")
    return claims


async def verified_logout_token(token: str, settings: OidcProvider, keys: Keys) -> Claims:
    """The claims of a logout token, which has `sid`, `sub` or both. Whether its `jti` is new is the caller's to check.
    Raises InvalidToken and ProviderUnavailable."""
    claims = await _verified(token, settings, keys, ["iss", "aud", "iat", "jti"], ("jwt", "logout+jwt"))
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise InvalidToken("its events do not include the one of a back-channel logout")
    if "nonce" in claims:
        raise InvalidToken("it has a nonce, as only ID tokens have")
    if int(claims["iat"]) < time.time() - LOGOUT_SECONDS - settings.clock_skew_seconds:
        raise InvalidToken("it is too old")
    if "sid" not in claims and "sub" not in claims:
        raise InvalidToken("it has neither sid nor sub")
    for name in ("jti", *(name for name in ("sid", "sub") if name in claims)):
        _text(claims, name)
    return claims


async def _verified(
    token: str, settings: OidcProvider, keys: Keys, required: list[str], types: tuple[str, ...]
) -> dict[str, Any]:
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken("it is too long")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise InvalidToken("it is not a signed JWT") from None
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in settings.algorithms:
        raise InvalidToken("its algorithm is not among those of the settings")
    if str(header.get("typ", "jwt")).lower() not in types:
        raise InvalidToken("its type is another one")
    key = await keys.find(key_id, algorithm)
    if key is None:
        raise InvalidToken("no key of the provider fits it")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.public,
            algorithms=[algorithm],
            audience=settings.client_id,
            issuer=settings.issuer,
            leeway=settings.clock_skew_seconds,
            options={"require": required},
        )
    except jwt.InvalidTokenError as error:
        raise InvalidToken(_reason(error)) from None
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", settings.client_id if len(audiences) == 1 else None) != settings.client_id:
        raise InvalidToken("it was issued to another client")
    return claims


def _reason(error: jwt.InvalidTokenError) -> str:
    """In our words: PyJWT's may quote what a stranger has sent."""
    match error:
        case jwt.ExpiredSignatureError():
            return "it has expired"
        case jwt.ImmatureSignatureError():
            return "it is from the future"
        case jwt.InvalidAudienceError():
            return "it is for another client"
        case jwt.InvalidIssuerError():
            return "it is of another issuer"
        case jwt.MissingRequiredClaimError():
            return f"it has no {error.claim}"
        case jwt.InvalidSignatureError():
            return "its signature is not valid"
        case _:
            return "it is not valid"


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_SUBJECT or "\0" in value:
        raise InvalidToken(f"its {name} is not a text of 1 to {LONGEST_SUBJECT} characters")
    return value
