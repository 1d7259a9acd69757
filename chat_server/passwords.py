"""Argon2id off the event loop. A hash takes 64 MiB and a core for tens of milliseconds: few run at once, few wait.

A password is hashed in normalization form NFKC (Unicode Standard Annex 15), so that it is the same one from keyboards
that compose `é` and from those that send `e` and U+0301. Older hashes are of what was typed: that is tried first.
"""

import os
import unicodedata
from enum import Enum

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chat_core.problems import Problem

AT_ONCE = max(1, min(4, os.cpu_count() or 1))
MOST_WAITING = 100


class Match(Enum):
    """Whether a password is that of a hash. STALE: it is, and the hash is to be made anew."""

    NO = 0
    STALE = 1
    YES = 2

    def __bool__(self) -> bool:
        return self is not Match.NO


class Passwords:
    """`hasher` has the parameters of new hashes; the default ones are RFC 9106's second choice."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._limiter = anyio.CapacityLimiter(AT_ONCE)
        # Verified in place of the hash of an account that is not there, so that its absence takes as long.
        self._nobody = hasher.hash("")

    async def hash(self, password: str) -> str:
        """Raises Problem 503 where too many wait already."""
        self._refuse_crowd()
        return await anyio.to_thread.run_sync(self._hasher.hash, _normal(password), limiter=self._limiter)

    async def verify(self, password: str, hashed: str | None) -> Match:
        """Whether it is the password of this hash. None, or a hash that is none, is nobody's."""
        self._refuse_crowd()
        return await anyio.to_thread.run_sync(self._verify, password, hashed, limiter=self._limiter)

    @property
    def waiting(self) -> int:
        return self._limiter.statistics().tasks_waiting

    def _verify(self, password: str, hashed: str | None) -> Match:
        normal = _normal(password)
        if self._is_of(password, hashed):
            stale = password != normal or self._hasher.check_needs_rehash(hashed or "")
            return Match.STALE if stale else Match.YES
        if password == normal or not self._is_of(normal, hashed):
            return Match.NO
        return Match.STALE if self._hasher.check_needs_rehash(hashed or "") else Match.YES

    def _is_of(self, password: str, hashed: str | None) -> bool:
        try:
            return self._hasher.verify(hashed or self._nobody, password) and bool(hashed)
        except InvalidHashError:
            return self._is_of(password, None)
        except VerificationError:
            return False

    def _refuse_crowd(self) -> None:
        if self.waiting >= MOST_WAITING:
            raise Problem(
                503, "overloaded", "Too many sign-ins at once; try again shortly.", headers={"Retry-After": "2"}
            )


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
