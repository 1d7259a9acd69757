"""Refusals that hold. An author is told of one once the database has the patch's id among those that are never stored:
another server, slow or stopped, may still hold the same patch from an earlier connection, and would store it once the
reason is gone. The database says which came first."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from asyncpg import Record

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.documents.patches.admission import VersionConflict
from chat_core.documents.patches.canonical import digest_if_any
from chat_core.documents.patches.refusals import PatchFailed, TooLarge
from chat_core.problems import DATABASE_ERRORS, from_database
from notify_server.documents.pages.operations import Asked
from notify_server.documents.pages.room import PageRoom

PAGE_REFUSE = query("page_refuse", "pages", "op_ids", "digests", "users", "codes", "hangs_on")
MOST_AT_ONCE: Final = 200
# How long a locked page, and a database that does not answer, are left alone.
PAUSE_SECONDS: Final = 0.1
CONFLICT: Final = "VERSION_CONFLICT"

log = structlog.get_logger()


@dataclass(eq=False, slots=True)
class Refusal:
    """`hangs_on` is the refused patch that this one follows, if that is why it is refused."""

    room: PageRoom
    asked: Asked
    code: str
    message: str
    about: dict[str, object]
    hangs_on: str | None


def because(refusal: Exception) -> tuple[str, str, dict[str, object]]:
    """What a patch is refused with that cannot be admitted: code, message and members of the error."""
    match refusal:
        case VersionConflict():
            return CONFLICT, "The page has changed where the patch reads or writes.", {}
        case PatchFailed():
            where: dict[str, object] = {} if refusal.index is None else {"index": refusal.index}
            return "PATCH_FAILED", f"The patch cannot be applied: {refusal}.", where
        case TooLarge():
            most: dict[str, object] = {"limit": refusal.limit}
            return "TOO_LARGE", f"The patch is too large: {refusal}.", most
        case _:
            return "PATCH_FAILED", f"The page would not be valid: {refusal}.", {}


class Refuser:
    """One per server. Refusals of all pages are stored together; `again` takes patches that are to be decided anew."""

    def __init__(
        self, pool: Pool, again: Callable[[PageRoom, Asked], None], report: Callable[[BaseException], None]
    ) -> None:
        self._pool, self._again, self._report = pool, again, report
        self._waiting: list[Refusal] = []
        self._worker: asyncio.Task[None] | None = None
        self.waiting_bytes = 0

    def put(
        self,
        room: PageRoom,
        asked: Asked,
        code: str,
        message: str,
        about: dict[str, object] | None = None,
        hangs_on: str | None = None,
    ) -> None:
        """Refuses a patch, now if nobody can send it again, since its id is this server's own."""
        refusal = Refusal(room, asked, code, message, about or {}, hangs_on)
        asked.author.will_refuse(asked.op_id, code)
        if not asked.named and not asked.unsure:
            self._tell(refusal, code)
            return
        self._waiting.append(refusal)
        self.waiting_bytes += asked.size
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())

    async def close(self, seconds: float) -> None:
        """Stores what is waiting, for up to this many seconds."""
        if self._worker is not None:
            await asyncio.wait([self._worker], timeout=seconds)
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        most = MOST_AT_ONCE
        try:
            while self._waiting:
                batch = self._waiting[:most]
                try:
                    rows = await self._store(batch)
                except DATABASE_ERRORS as error:
                    self._report(error)
                    problem = from_database(error) if isinstance(error, Exception) else None
                    if problem is not None and problem.status == 503:
                        await asyncio.sleep(PAUSE_SECONDS)
                    elif most > 1:
                        most = 1  # to find the one that the database does not take
                    else:
                        log.error("refusal not stored", page=batch[0].room.page_id, error=str(error))
                        self._forget(batch[0]).asked.author.leave_open()
                    continue
                most = MOST_AT_ONCE
                busy = [self._settle(refusal, row) for refusal, row in zip(batch, rows, strict=True)]
                if all(busy):
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._worker = None

    async def _store(self, batch: list[Refusal]) -> list[Record]:
        return await PAGE_REFUSE.rows(
            self._pool,
            pages=[refusal.room.page_id for refusal in batch],
            op_ids=[refusal.asked.op_id for refusal in batch],
            digests=[digest_if_any(refusal.asked.patch) for refusal in batch],
            users=[refusal.asked.author.user_id for refusal in batch],
            codes=[refusal.code for refusal in batch],
            hangs_on=[refusal.hangs_on for refusal in batch],
        )

    def _settle(self, refusal: Refusal, row: Record) -> bool:
        """Tells what the database has decided; whether it is yet to, since the page is locked."""
        asked, room = refusal.asked, refusal.room
        self._forget(refusal)
        match row["outcome"]:
            case "busy":
                self._waiting.append(refusal)
                self.waiting_bytes += asked.size
                return True
            case "known":
                asked.author.refused.pop(asked.op_id, None)
                room.at_rest(partial(asked.author.acknowledge, asked.op_id, row["version"]), row["version"])
            case "again":
                asked.author.refused.pop(asked.op_id, None)
                asked.looked_up = False
                self._again(room, asked)
            case "reused":
                asked.author.refuse(asked, "ID_REUSED", "This id was used for another patch of the page.")
            case _:  # refused, also if the page has gone for good
                self._tell(refusal, row["code"] or refusal.code)
        return False

    def _forget(self, refusal: Refusal) -> Refusal:
        self._waiting.remove(refusal)
        self.waiting_bytes -= refusal.asked.size
        return refusal

    def _tell(self, refusal: Refusal, code: str) -> None:
        asked, room = refusal.asked, refusal.room
        message, about = refusal.message, refusal.about
        if code != refusal.code:
            message, about = "The patch was refused before.", {}

        def tell() -> None:
            missed = room.told_of(room.content.missed_by(asked)) if code == CONFLICT else {}
            asked.author.refuse(asked, code, message, **about, **missed)

        if code == CONFLICT:  # which tells of the content
            room.at_rest(tell)
        else:
            tell()
