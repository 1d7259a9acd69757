"""What must hold for a token of a provider of OpenID Connect before anything in it is believed.

ID tokens: OpenID Connect Core 1.0, 3.1.3.7. Logout tokens: OpenID Connect Back-Channel Logout 1.0, 2.6.
"""

import hmac
import time
from typing import Any

from chat_core.settings import OidcProvider
from chat_server.identity.keys import Keys
from chat_server.identity.signed_tokens import Claims, InvalidToken, text_of, verified_claims

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
# How old a logout token may be: providers deliver it at once, and repeat it for a short time.
LOGOUT_SECONDS = 300


async def verified_id_token(token: str, settings: OidcProvider, keys: Keys, nonce: str) -> Claims:
    """The claims of an ID token that answers the request with this nonce. Raises InvalidToken and
    ProviderUnavailable."""
    claims = await _verified(token, settings, keys, ["iss", "aud", "sub", "iat", "exp"], ("jwt",))
    if "events" in claims:
        raise InvalidToken("it is not an ID token")
    if not hmac.compare_digest(text_of(claims, "nonce").encode(), nonce.encode()):
        raise InvalidToken("its nonce is another one")
    text_of(claims, "sub")
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
        text_of(claims, name)
    return claims


async def _verified(
    token: str, settings: OidcProvider, keys: Keys, required: list[str], types: tuple[str, ...]
) -> dict[str, Any]:
    claims = await verified_claims(
        token,
        keys,
        issuer=settings.issuer,
        audience=settings.client_id,
        algorithms=settings.algorithms,
        types=types,
        required=required,
        leeway=settings.clock_skew_seconds,
    )
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", settings.client_id if len(audiences) == 1 else None) != settings.client_id:
        raise InvalidToken("it was issued to another client")
    return claims
