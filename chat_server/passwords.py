"""Argon2id off the event loop. A hash takes 64 MiB and a core for tens of milliseconds: few run at once, few wait."""

import os

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chat_core.problems import Problem

AT_ONCE = max(1, min(4, os.cpu_count() or 1))
MOST_WAITING = 100


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
        return await anyio.to_thread.run_sync(self._hasher.hash, password, limiter=self._limiter)

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password of this hash. None, or a hash that is none, is nobody's."""
        self._refuse_crowd()
        return await anyio.to_thread.run_sync(self._verify, password, hashed, limiter=self._limiter)

    def needs_rehash(self, hashed: str) -> bool:
        """Whether it was made under other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    @property
    def waiting(self) -> int:
        return self._limiter.statistics().tasks_waiting

    def _verify(self, password: str, hashed: str | None) -> bool:
        try:
            return self._hasher.verify(hashed or self._nobody, password) and bool(hashed)
        except InvalidHashError:
            return self._verify(password, None)
        except VerificationError:
            return False

    def _refuse_crowd(self) -> None:
        if self.waiting >= MOST_WAITING:
            raise Problem(
                503, "overloaded", "Too many sign-ins at once; try again shortly.", headers={"Retry-After": "2"}
            )
