"""Argon2id off the event loop. A hash takes 64 MiB and all cores for tens of milliseconds: few run at once, few wait,
and their threads have a lower priority than the event loop, which would share its core with four lanes of each.

Signing in has turns of its own, by address; whoever is signed in already and sets or enters passwords has one at a
time, and takes none from those who are not.

A password is hashed in normalization form NFKC (Unicode Standard Annex 15), so that it is the same one from keyboards
that compose `é` and from those that send `e` and U+0301. Older hashes are of what was typed: that is tried first.
"""

import asyncio
import os
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import TypeAlias, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from chat_core.process.children import lower_priority
from chat_core.turns import Turns

AT_ONCE = max(1, min(4, os.cpu_count() or 1))
# Of one address, behind which a whole office may sign in on Monday morning, and of all.
SIGN_INS_WAITING_EACH = 50
SIGN_INS_WAITING = 200
# Of those who are signed in: half of the places, and little patience.
OTHERS_AT_ONCE = max(1, AT_ONCE // 2)
OTHERS_WAITING_EACH = 2
OTHERS_WAITING = 50

# Who wants it: a user's id, or the address of somebody who is not signed in.
Asker: TypeAlias = int | str


Result = TypeVar("Result")


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
        self._sign_ins = Turns(
            "sign-ins", AT_ONCE, waiting_each=SIGN_INS_WAITING_EACH, waiting_all=SIGN_INS_WAITING, each=AT_ONCE
        )
        self._others = Turns("passwords", OTHERS_AT_ONCE, waiting_each=OTHERS_WAITING_EACH, waiting_all=OTHERS_WAITING)
        # Threads of their own: argon2's lanes inherit the priority.
        self._threads = ThreadPoolExecutor(AT_ONCE + OTHERS_AT_ONCE, "argon2", initializer=lower_priority)
        # Verified in place of the hash of an account that is not there, so that its absence takes as long.
        self._nobody = _unmatched(hasher)

    async def hash(self, password: str, asker: Asker) -> str:
        """Problem 429 and 503 as Turns."""
        async with self._turns_of(asker).turn(asker):
            return await self._run(self._hasher.hash, _normal(password))

    async def verify(self, password: str, hashed: str | None, asker: Asker) -> Match:
        """Whether it is the password of this hash. None, or a hash that is none, is nobody's."""
        async with self._turns_of(asker).turn(asker):
            return await self._run(self._verify, password, hashed)

    @property
    def waiting(self) -> int:
        return self._sign_ins.waiting + self._others.waiting

    async def _run(self, work: Callable[..., Result], *arguments: object) -> Result:
        """In a thread. Whoever is cancelled keeps their turn until it has ended: it cannot be stopped."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    def _turns_of(self, asker: Asker) -> Turns:
        return self._others if isinstance(asker, int) else self._sign_ins

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


def _unmatched(hasher: PasswordHasher) -> str:
    """What takes as long to verify as a hash of this hasher's, and is the hash of no password that anybody knows. Made
    of random bytes: a real one would take a tenth of a second of each start."""
    salt, digest = (b64encode(os.urandom(length)).decode().rstrip("=") for length in (hasher.salt_len, hasher.hash_len))
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
