"""What must hold for a signed token (JWT) of a provider before anything in it is believed, whatever its kind."""

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from chat_server.identity.keys import Keys

LONGEST_TOKEN = 64 << 10
LONGEST_SUBJECT = 255

Claims = Mapping[str, Any]


class InvalidToken(Exception):
    """A token of a provider must not be believed. The text says which rule it violates."""


async def verified_claims(
    token: str,
    keys: Keys,
    *,
    issuer: str,
    audience: str | None,
    algorithms: Sequence[str],
    types: tuple[str, ...],
    required: list[str],
    leeway: int,
    names_key: bool = False,
) -> dict[str, Any]:
    """The claims of a token that one of the provider's keys has signed, which is of this issuer, for this audience, and
    valid now, give or take `leeway` seconds. None as the audience: the kind of token has none. `names_key`: it must say
    which key. Raises InvalidToken and ProviderUnavailable."""
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken("it is too long")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise InvalidToken("it is not a signed JWT") from None
    algorithm, key_id = str(header.get("alg")), header.get("kid")
    if algorithm not in algorithms:
        raise InvalidToken("its algorithm is not among those of the settings")
    if str(header.get("typ", "jwt")).lower() not in types:
        raise InvalidToken("its type is another one")
    if names_key and key_id is None:
        raise InvalidToken("it does not say which key has signed it")
    key = await keys.find(key_id, algorithm)
    if key is None:
        raise InvalidToken("no key of the provider fits it")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.public,
            algorithms=[algorithm],
            audience=audience,
            issuer=issuer,
            leeway=leeway,
            options={"require": required},
        )
    except jwt.InvalidTokenError as error:
        raise InvalidToken(_reason(error)) from None
    return claims


def text_of(claims: Claims, name: str) -> str:
    """A claim that must be a text. Raises InvalidToken."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_SUBJECT or "\0" in value:
        raise InvalidToken(f"its {name} is not a text of 1 to {LONGEST_SUBJECT} characters")
    return value


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
