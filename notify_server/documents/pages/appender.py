"""Storing patches, those of all pages together: one `page_append` is under way, and what arrives meanwhile is the next.

A patch is applied when its batch is put together, on top of what is stored, and it is taken back unless the answer says
that it was stored. Whether it is refused depends on stored patches alone: one that does not fit on top of patches that
are being stored waits until these are. If the connection is lost before the answer, it is unknown what was stored, and
nobody is told anything: the page is read again, which shows what was, and the rest is sent again under its id, which
the database takes once.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

import asyncpg
import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.documents.patches.admission import VersionConflict
from chat_core.documents.patches.canonical import digest_if_any
from chat_core.documents.patches.refusals import Invalid, PatchFailed, TooLarge
from chat_core.problems import DATABASE_ERRORS, from_database
from notify_server.documents.access import VIEWER
from notify_server.documents.pages import metrics
from notify_server.documents.pages.content import MOST_KEPT_BYTES
from notify_server.documents.pages.operations import Asked, Author
from notify_server.documents.pages.refusals import CONFLICT, Refuser, because
from notify_server.documents.pages.room import PageRoom

PAGE_APPEND = query(
    "page_append",
    *("node", "pages", "versions", "users", "clients", "op_ids", "digests"),
    *("bases", "patches", "inverses", "effects", "patience_ms"),
)
PAGE_OPS_BY_ID = query("page_ops_by_id", "page", "op_ids")
PAGE_OPS_MISSED = query("page_ops_missed", "page", "after", "upto", "most_bytes")
# Of one batch; what is left over is the next one.
MOST_PATCHES: Final = 200
MOST_BYTES: Final = 4 << 20
# How long patches are applied before other work has its turn.
TURN_SECONDS: Final = 0.01
# How long a batch waits for a locked page. After that its pages are stored one by one, and the locked one later.
PATIENCE_MS: Final = 250
LOCKED_MS: Final = 50
LOCKED_SECONDS: Final = (0.1, 2.0)
# How often others may be quicker than one patch.
MOST_TRIES: Final = 50
BACKOFF_SECONDS: Final = (0.05, 2.0)
# How far back a stale patch may be; beyond that its client reads the page again.
FURTHEST_BACK: Final = 1000

log = structlog.get_logger()


class Appender:
    """One per server. `catch_up` brings pages up to date with the database; `landed` is called with each page whose
    patches were stored, `give_up` with each that cannot go on, `report` with each error of the database's."""

    def __init__(
        self,
        pool: Pool,
        node: str,
        catch_up: Callable[[Sequence[PageRoom]], Awaitable[object]],
        landed: Callable[[PageRoom], object],
        give_up: Callable[[PageRoom, str], None],
        report: Callable[[BaseException], None],
    ) -> None:
        self._pool, self._node, self._catch_up = pool, node, catch_up
        self._landed, self._give_up, self._report = landed, give_up, report
        self._waiting: dict[PageRoom, None] = {}
        # Those in which something is flying.
        self._active: list[PageRoom] = []
        self._worker: asyncio.Task[None] | None = None
        self._backoff = BACKOFF_SECONDS[0]
        self._waiting_bytes = 0
        self.refuser = Refuser(pool, self.put, report)

    @property
    def waiting_bytes(self) -> int:
        return self._waiting_bytes + self.refuser.waiting_bytes

    def put(self, room: PageRoom, asked: Asked) -> None:
        """Stores it now or later; its author is told what became of it. Callers bound `waiting_bytes`."""
        self._waiting_bytes += asked.size
        room.queue.append(asked)
        self.want(room)

    def want(self, room: PageRoom) -> None:
        if room.queue:
            self._waiting[room] = None
            if self._worker is None:
                self._worker = asyncio.create_task(self._work())

    def drop(self, room: PageRoom, authors: Collection[Author]) -> None:
        """Forgets these authors' patches that wait, without an answer, unless they may have been stored."""
        kept = [asked for asked in room.queue if asked.unsure or asked.author not in authors]
        self._waiting_bytes -= sum(asked.size for asked in room.queue) - sum(asked.size for asked in kept)
        room.queue.clear()
        room.queue.extend(kept)

    async def close(self, seconds: float) -> None:
        """Stores what is waiting, for up to this many seconds."""
        if self._worker is not None:
            await asyncio.wait([self._worker], timeout=seconds)
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait([self._worker])
        await self.refuser.close(seconds)

    # -- one batch after the other

    async def _work(self) -> None:
        try:
            while self._waiting:
                try:
                    await self._next()
                except Exception as error:
                    # Whatever it was, memory may not be what is stored: clients reconnect, and pages are read again.
                    log.error("patches given up", exc_info=error)
                    for room in {*self._waiting, *self._active}:
                        self._give_up(room, "error")
                        self._waiting_bytes -= sum(asked.size for asked in [*room.queue, *room.content.flying])
                        room.queue.clear()
                    self._waiting.clear()
        finally:
            self._worker = None

    async def _next(self) -> None:
        self._active = []
        await self._look_up()
        await self._gather(self._active)
        if self._active:
            await self._store(self._active, PATIENCE_MS)
        elif self._waiting and all(room.busy_until > time.monotonic() for room in self._waiting):
            await asyncio.sleep(LOCKED_SECONDS[0])

    async def _look_up(self) -> None:
        """What rooms do not know of the patches that are next."""
        for room in list(self._waiting):
            asked = room.queue[0] if room.queue else None
            if asked is None or asked.looked_up or not self._is_unknown(room, asked):
                continue
            content = room.content
            try:
                if content.kept_from > asked.base >= content.version - FURTHEST_BACK:
                    between = {"after": asked.base, "upto": content.kept_from, "most_bytes": MOST_KEPT_BYTES}
                    content.remember(await PAGE_OPS_MISSED.rows(self._pool, page=room.page_id, **between))
                if asked.after is not None and asked.after not in content.ids:
                    rows = await PAGE_OPS_BY_ID.rows(self._pool, page=room.page_id, op_ids=[asked.after])
                    if rows:
                        asked.after = None
                asked.looked_up = True
            except DATABASE_ERRORS as error:
                await self._fail(error)

    def _is_unknown(self, room: PageRoom, asked: Asked) -> bool:
        after = asked.after
        hangs = after is not None and after not in room.content.ids and after not in asked.author.refused
        return hangs or asked.base < room.content.kept_from

    async def _gather(self, rooms: list[PageRoom]) -> None:
        """Applies what is next, a room at a time; adds the rooms in which something is to be stored."""
        patches, size, since = 0, 0, time.monotonic()
        for room in list(self._waiting):
            if patches >= MOST_PATCHES or size >= MOST_BYTES:
                break
            if room.busy_until > time.monotonic():
                continue
            self._waiting.pop(room, None)
            rooms.append(room)  # so that it is given up if applying a patch fails unexpectedly
            while room.queue and patches < MOST_PATCHES and size < MOST_BYTES:
                asked = room.queue[0]
                if (asked.alone and room.content.flying) or not self._decide(room, asked):
                    break
                room.queue.popleft()
                if asked.op is not None:
                    patches += 1
                    size += len(asked.op.patch) + len(asked.op.inverse)
                    if asked.alone:
                        break
                else:
                    self._waiting_bytes -= asked.size
                if time.monotonic() - since > TURN_SECONDS:
                    await asyncio.sleep(0)
                    since = time.monotonic()
            if not room.content.flying:
                rooms.remove(room)
                self.want(room)

    def _decide(self, room: PageRoom, asked: Asked) -> bool:
        """Applies, acknowledges or refuses it. False: not before what is flying is stored, or the room has learned
        more."""
        content, author = room.content, asked.author
        flying = content.flying
        known = content.ids.get(asked.op_id)
        if known is not None:
            self._answer_known(room, asked, known.version, known.digest)
            return True
        if any(other.op_id == asked.op_id for other in flying):
            return False
        hangs_on = asked.after
        is_own = any(other.op_id == hangs_on and other.author is author for other in flying)
        refuse = self.refuser.put
        if author.role == VIEWER:
            refuse(room, asked, "READ_ONLY", "You may see this page but not change it.")
        elif hangs_on is not None and hangs_on in author.refused:
            detail = "The patch that it follows was refused."
            refuse(room, asked, author.refused[hangs_on], detail, {"after": hangs_on}, hangs_on)
        elif asked.base > content.version and not flying:
            refuse(room, asked, CONFLICT, "The page has no such version.")
        elif asked.base > content.version or (self._is_unknown(room, asked) and not is_own and not asked.looked_up):
            return False
        elif hangs_on is not None and hangs_on not in content.ids and not is_own:
            if flying:
                return False
            refuse(room, asked, "PATCH_FAILED", "The patch that it follows is not stored.", {"after": hangs_on})
        elif asked.base < content.kept_from:
            if flying:
                return False
            refuse(room, asked, CONFLICT, "The patch was made for a version that is too old.")
        else:
            return self._apply(room, asked)
        return True

    def _apply(self, room: PageRoom, asked: Asked) -> bool:
        try:
            room.content.admit(asked)
        except (VersionConflict, PatchFailed, Invalid, TooLarge) as refusal:
            if room.content.flying:
                return False
            code, message, about = because(refusal)
            self.refuser.put(room, asked, code, message, about)
        return True

    def _answer_known(self, room: PageRoom, asked: Asked, version: int, stored: bytes | None) -> None:
        if stored is not None and digest_if_any(asked.patch) == stored:
            asked.author.acknowledge(asked.op_id, version)
        else:
            asked.author.refuse(asked, "ID_REUSED", "This id was used for another patch of the page.")

    # -- what became of a batch

    async def _store(self, rooms: list[PageRoom], patience_ms: int) -> None:
        flying = [(room, asked) for room in rooms for asked in room.content.flying]
        waiting = {room: room.catching_up for room in rooms}
        for room in rooms:
            room.catching_up = []
        try:
            outcomes = await self._append(flying, patience_ms)
        except DATABASE_ERRORS as error:
            for room in rooms:
                room.catching_up = waiting[room] + room.catching_up
            await self._not_stored(rooms, error)
            return
        except BaseException:  # the server stops
            for room in rooms:
                self._requeue(room, unsure=True)
            raise
        self._backoff = BACKOFF_SECONDS[0]
        behind: list[PageRoom] = []
        for room in rooms:
            mine = [outcome for (of, _), outcome in zip(flying, outcomes, strict=True) if of is room]
            room.busy_until, room.locked_times = 0.0, 0
            if all(outcome == "stored" for outcome, _ in mine):
                self._waiting_bytes -= sum(asked.size for asked in room.content.flying)
                room.landed()
                self._landed(room)
                for waiter in waiting[room]:
                    if not waiter.done():
                        waiter.set_result(None)
            else:
                room.catching_up = waiting[room] + room.catching_up
                self._take_back(room, mine)
                behind.append(room)
        if behind:
            await self._read(behind)
        for room in rooms:
            self.want(room)

    async def _append(self, flying: list[tuple[PageRoom, Asked]], patience_ms: int) -> list[tuple[str, int]]:
        ops = [asked.op for _, asked in flying if asked.op is not None]
        rows = await PAGE_APPEND.rows(
            self._pool,
            node=self._node,
            pages=[room.page_id for room, _ in flying],
            versions=[op.version for op in ops],
            users=[asked.author.user_id for _, asked in flying],
            clients=[asked.author.client_id for _, asked in flying],
            op_ids=[asked.op_id for _, asked in flying],
            digests=[op.digest for op in ops],
            bases=[op.base for op in ops],
            patches=[op.patch for op in ops],
            inverses=[op.inverse for op in ops],
            effects=[op.effects for op in ops],
            patience_ms=patience_ms,
        )
        return [(row["outcome"], row["version"]) for row in rows]

    def _take_back(self, room: PageRoom, outcomes: list[tuple[str, int]]) -> None:
        """Nothing of this page was stored now: answers those that never will be, or were before; the rest waits."""
        again: list[Asked] = []
        for asked, (outcome, version) in zip(room.content.revert(), outcomes, strict=True):
            asked.tries += 1
            if outcome == "known" and version <= room.content.version:
                asked.author.acknowledge(asked.op_id, version)
            elif outcome == "reused":
                asked.author.refuse(asked, "ID_REUSED", "This id was used for another patch of the page.")
            elif outcome == "refused":
                self.refuser.put(room, asked, "PATCH_FAILED", "The patch was refused before.")
            elif outcome == "gone":
                self.refuser.put(room, asked, "PAGE_NOT_FOUND", "The page is deleted.")
            elif outcome == "full":
                self.refuser.put(room, asked, "QUOTA_EXCEEDED", "A storage quota is used up.")
            elif outcome == "behind" and asked.tries >= MOST_TRIES:
                detail = "Others edit this page at the same time; send it again, under a new id."
                self.refuser.put(room, asked, "INTERNAL_ERROR", detail)
            else:
                # The page has another head than at the first attempt, which can come through no more.
                asked.unsure = False
                metrics.retried.inc()
                again.append(asked)
                continue
            self._waiting_bytes -= asked.size
        room.queue.extendleft(reversed(again))

    async def _not_stored(self, rooms: list[PageRoom], error: BaseException) -> None:
        """All of it together. Errors that the database reports undo it; without an answer it is unknown."""
        state = from_database(error) if isinstance(error, Exception) else None
        is_locked = isinstance(error, asyncpg.LockNotAvailableError)
        if is_locked or state is None or state.status != 503:
            if len(rooms) > 1:
                for room in rooms:
                    await self._store([room], LOCKED_MS)
            elif is_locked:
                self._requeue(rooms[0])
                self._put_aside(rooms[0])
            elif len(rooms[0].content.flying) > 1:
                self._requeue(rooms[0], alone=True)  # to find the one that the database does not take
                self.want(rooms[0])
            else:
                [asked] = rooms[0].content.revert()
                log.error("patch not stored", page=rooms[0].page_id, error=str(error))
                self._waiting_bytes -= asked.size
                self.refuser.put(rooms[0], asked, "INTERNAL_ERROR", "The patch could not be stored.")
                rooms[0].rest()
                self.want(rooms[0])
            return
        for room in rooms:
            self._requeue(room, unsure=True)
        await self._fail(error)
        await self._read(rooms)
        for room in rooms:
            self.want(room)

    def _requeue(self, room: PageRoom, *, unsure: bool = False, alone: bool = False) -> None:
        again = room.content.revert()
        for asked in again:
            asked.unsure, asked.alone = asked.unsure or unsure, asked.alone or alone
        room.queue.extendleft(reversed(again))
        room.rest()

    def _put_aside(self, room: PageRoom) -> None:
        """Another transaction has locked it: others are stored without it."""
        seconds = min(LOCKED_SECONDS[0] * 2**room.locked_times, LOCKED_SECONDS[1])
        room.locked_times = min(room.locked_times + 1, 16)
        room.busy_until = time.monotonic() + seconds
        asyncio.get_running_loop().call_later(seconds, self.want, room)

    async def _read(self, rooms: list[PageRoom]) -> None:
        """Until the database answers: nothing is decided before it is known what is stored."""
        while True:
            try:
                await self._catch_up(rooms)
            except DATABASE_ERRORS as error:
                await self._fail(error)
            else:
                return

    async def _fail(self, error: BaseException) -> None:
        self._report(error)
        log.warning("patches wait", error=type(error).__name__)
        await asyncio.sleep(self._backoff * random.uniform(0.5, 1.0))
        self._backoff = min(self._backoff * 2, BACKOFF_SECONDS[1])
