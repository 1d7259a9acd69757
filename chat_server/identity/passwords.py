"""Argon2id off the event loop. A hash takes 64 MiB and all cores for tens of milliseconds, so few run at the same time,
few wait, and their threads have a lower priority than the event loop, which would otherwise share its core with four
lanes of each.

Signing in has separate turns, by address. Signed-in users who set or enter a password have one turn at a time, and do
not take turns from those who sign in.

A password is hashed in normalization form NFKC (Unicode Standard Annex 15), so that it is the same from keyboards that
compose `é` and from those that send `e` and U+0301. Older hashes are of the password as typed, which is tried first.
"""

import asyncio
import os
import unicodedata
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from chat_core.process.children import lower_priority
from chat_core.turns import Turns

AT_ONCE = max(1, min(4, os.cpu_count() or 1))
# Of one address, behind which a whole office may sign in on Monday morning, and in total.
SIGN_INS_WAITING_EACH = 50
SIGN_INS_WAITING = 200
# For signed-in users: half of the places, and a short wait.
OTHERS_AT_ONCE = max(1, AT_ONCE // 2)
OTHERS_WAITING_EACH = 2
OTHERS_WAITING = 50

# The caller: a user's id, or the address of a client that is not signed in.
Asker: TypeAlias = int | str


Result = TypeVar("Result")


class Match(Enum):
    """Whether a password matches a hash. STALE: it does, and the hash should be replaced."""

    NO = 0
    STALE = 1
    YES = 2

    def __bool__(self) -> bool:
        return self is not Match.NO


@dataclass(frozen=True, slots=True)
class Turn:
    _passwords: "Passwords"

    async def hash(self, password: str) -> str:
        return await self._passwords.run(self._passwords.hasher.hash, _normal(password))

    async def verify(self, password: str, hashed: str | None) -> Match:
        """Whether the password matches this hash. None, or an invalid hash, matches nothing."""
        return await self._passwords.run(self._passwords.match, password, hashed)


class Passwords:
    """`hasher` has the parameters of new hashes; the defaults are RFC 9106's second choice."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self.hasher = hasher
        self._sign_ins = Turns(
            "sign-ins", AT_ONCE, waiting_each=SIGN_INS_WAITING_EACH, waiting_all=SIGN_INS_WAITING, each=AT_ONCE
        )
        self._others = Turns("passwords", OTHERS_AT_ONCE, waiting_each=OTHERS_WAITING_EACH, waiting_all=OTHERS_WAITING)
        # Separate threads: argon2's lanes inherit their priority.
        self._threads = ThreadPoolExecutor(AT_ONCE + OTHERS_AT_ONCE, "argon2", initializer=lower_priority)
        # Verified instead of the hash of an account that does not exist, so that both take the same time.
        self._nobody = _unmatched(hasher)

    @asynccontextmanager
    async def turn(self, asker: Asker) -> AsyncIterator["Turn"]:
        """What else the work needs is read from the database within the turn: of a burst, those whom Turns refuses
        have cost nobody a connection. Raises Problem 429 and 503 as Turns."""
        async with self._turns_of(asker).turn(asker):
            yield Turn(self)

    def _turns_of(self, asker: Asker) -> Turns:
        return self._others if isinstance(asker, int) else self._sign_ins

    @property
    def waiting(self) -> int:
        return self._sign_ins.waiting + self._others.waiting

    async def run(self, work: Callable[..., Result], *arguments: object) -> Result:
        """In a thread. A cancelled caller keeps the turn until the thread has ended, since it cannot be stopped."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    def match(self, password: str, hashed: str | None) -> Match:
        normal = _normal(password)
        if self._is_of(password, hashed):
            stale = password != normal or self.hasher.check_needs_rehash(hashed or "")
            return Match.STALE if stale else Match.YES
        if password == normal or not self._is_of(normal, hashed):
            return Match.NO
        return Match.STALE if self.hasher.check_needs_rehash(hashed or "") else Match.YES

    def _is_of(self, password: str, hashed: str | None) -> bool:
        try:
            return self.hasher.verify(hashed or self._nobody, password) and bool(hashed)
        except InvalidHashError:
            return self._is_of(password, None)
        except VerificationError:
            return False


def _unmatched(hasher: PasswordHasher) -> str:
    """Takes as long to verify as a hash of this hasher, and matches no known password. Made of random bytes: a real
    one would take a tenth of a second of each start."""
    salt, digest = (b64encode(os.urandom(length)).decode().rstrip("=") for length in (hasher.salt_len, hasher.hash_len))
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
