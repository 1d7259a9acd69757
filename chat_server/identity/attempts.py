"""What is remembered of a sign-in while the browser is at the provider: nothing here, all of it with the browser.

The attempt goes to the provider and back sealed (as OpenID Connect's `state`, and as the id of SAML's request): a
payload, and what only this server can derive from the payload and from a secret in an HttpOnly cookie of the browser
that began. So it is good in that browser alone, and nobody can make one. Other secrets of an attempt (`nonce`, the
verifier of PKCE) are derived in the same way, so they are neither sent before their time, nor stored. Once the
provider has answered, the result is sealed in a second cookie, which the page exchanges for a session: no token is ever
in a URL.
"""

import binascii
import secrets
import time
from typing import TypeVar

import msgspec

from chat_core.base64url import base64url, from_base64url
from chat_core.tokens import Signer

# How long people may take at the provider, and the page to fetch its session.
ATTEMPT_SECONDS = 600
RESULT_SECONDS = 60
LONGEST = 3072


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """A sign-in that has begun. `link` is the user and session to link an identity to, or, if `again`, whose user
    proves once more who they are; None: it signs in. `invite` is the hash of an invite with which a newcomer has come,
    in hex."""

    provider: str
    seed: str
    begun_at: int
    link: tuple[int, int] | None = None
    again: bool = False
    invite: str | None = None

    @property
    def has_expired(self) -> bool:
        return time.time() - self.begun_at > ATTEMPT_SECONDS


class Result(msgspec.Struct, frozen=True):
    """A sign-in that the provider has confirmed: how the session will begin. Times are seconds since 1970."""

    seed: str
    confirmed_at: int
    provider: str
    user_id: int
    identity_id: int
    amr: list[str]
    auth_time: int
    sid: str | None
    name_id: str | None = None
    second_factor: str | None = None

    @property
    def has_expired(self) -> bool:
        return time.time() - self.confirmed_at > RESULT_SECONDS


Sealed = TypeVar("Sealed", Attempt, Result)


def begin(
    provider: str, link: tuple[int, int] | None = None, again: bool = False, invite: str | None = None
) -> Attempt:
    return Attempt(provider, secrets.token_urlsafe(16), int(time.time()), link, again, invite)


def seal(signer: Signer, value: Attempt | Result, browser: str = "") -> str:
    payload = base64url(msgspec.json.encode(value))
    return f"{payload}.{_mark(signer, type(value), payload, browser)}"


def unseal(signer: Signer, text: str, kind: type[Sealed], browser: str = "") -> Sealed | None:
    """None for what this server has not sealed, or for another browser, and for what has expired."""
    payload, _, mark = text.partition(".")
    if len(text) > LONGEST or not text.isascii():
        return None
    if not secrets.compare_digest(mark, _mark(signer, kind, payload, browser)):
        return None
    try:
        value = msgspec.json.decode(from_base64url(payload), type=kind)
    except (binascii.Error, msgspec.MsgspecError):
        return None
    return None if value.has_expired else value


def secret_of(signer: Signer, purpose: str, attempt: Attempt, browser: str) -> str:
    """A secret of this attempt alone, which is stored nowhere."""
    return signer.secret_of(f"{purpose} {browser} {attempt.seed}")


def _mark(signer: Signer, kind: type[Attempt | Result], payload: str, browser: str) -> str:
    return signer.secret_of(f"sign-in {kind.__name__} {browser} {payload}")
