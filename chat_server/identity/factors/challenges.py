"""What passkeys sign: a challenge is good once, for five minutes, for one purpose, and for the session, the sign-in or
the browser that asked for it. It carries its own mark, so nothing is stored before it is used."""

import secrets
import time
from typing import Literal

from chat_core.tokens import Signer

Purpose = Literal["enrol", "sign-in", "second-step", "again"]

CHALLENGE_SECONDS = 300
# By which the clocks of two servers may differ.
CLOCK_SKEW_SECONDS = 60
_SEED_BYTES, _TIME_BYTES = 16, 8


def new_challenge(signer: Signer, purpose: Purpose, bound_to: str) -> bytes:
    head = secrets.token_bytes(_SEED_BYTES) + int(time.time()).to_bytes(_TIME_BYTES)
    return head + _mark(signer, head, purpose, bound_to)


def is_good(signer: Signer, challenge: bytes, purpose: Purpose, bound_to: str) -> bool:
    """Whether this server has made it for this, and lately. That it is good once is for the caller to see to."""
    head, mark = challenge[: _SEED_BYTES + _TIME_BYTES], challenge[_SEED_BYTES + _TIME_BYTES :]
    if not secrets.compare_digest(mark, _mark(signer, head, purpose, bound_to)):
        return False
    age = time.time() - int.from_bytes(head[_SEED_BYTES:])
    return -CLOCK_SKEW_SECONDS <= age <= CHALLENGE_SECONDS


def _mark(signer: Signer, head: bytes, purpose: Purpose, bound_to: str) -> bytes:
    return signer.secret_of(f"passkey {purpose} {bound_to} {head.hex()}").encode()
