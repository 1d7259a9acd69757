"""Zips of persons' data: made one at a time, and each in a temporary file until it has been sent."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO, Final
from weakref import WeakKeyDictionary

from chat_core.problems import Problem
from chat_core.turns import RETRY_AFTER_SECONDS, Turns
from chat_server.identity.passwords import Asker

# Of what a zip has, before it is compressed; and how many files there are at a time, however slowly they are fetched.
MOST_BYTES: Final = 2 * 1024**3
MOST_FILES: Final = 4
MOST_WAITING: Final = 10


class Exports:
    def __init__(self) -> None:
        self._turns = Turns("exports", 1, waiting_each=1, waiting_all=MOST_WAITING)
        # Forgotten with the response, if sending never began.
        self._files: WeakKeyDictionary[IO[bytes], Asker] = WeakKeyDictionary()

    @asynccontextmanager
    async def file(self, asker: Asker) -> AsyncIterator[IO[bytes]]:
        """A temporary file, in turn; whoever sends it closes it. Raises Problem 429 and 503 as Turns, and also while
        the asker's former one, or too many in all, are still being fetched."""
        async with self._turns.turn(asker):
            fetched_by = [whose for file, whose in self._files.items() if not file.closed]
            if asker in fetched_by:
                raise self._refused(
                    429, "rate_limited", "You are still fetching an export; try again when you have it."
                )
            if len(fetched_by) >= MOST_FILES:
                raise self._refused(
                    503, "overloaded", "Too many exports are being fetched right now; try again shortly."
                )
            file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever sends it
            self._files[file] = asker
            try:
                yield file
            except BaseException:
                file.close()
                raise

    def _refused(self, status: int, code: str, detail: str) -> Problem:
        extra = {"limit": "exports", "retry_after": RETRY_AFTER_SECONDS} if status == 429 else {}
        return Problem(status, code, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}, extra=extra)
