"""Typing: sent to all servers by NOTIFY, or over NATS where all of them hear that (ADR 103), and not stored.

A request is answered as soon as its permission has been looked up, together with that of others. Notices go out at most
ten times a second, in one transaction, and no request waits for it: NOTIFY holds a Postgres lock over the commit, for
which messages wait too. A notice therefore arrives late, and names the position of the log at which it was checked;
notify_server drops it if a later event has ended the typing.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
import structlog

from chat_core.batching import Batcher
from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS

if TYPE_CHECKING:
    from chat_server.parts.relay_leader import RelayLeader

APART_SECONDS = 0.1
# Looked up together, and that may wait for it; and notices that may wait to be sent.
LARGEST_BATCH = 100
MOST_WAITING = 1000
MOST_NOTICES = 2000
# In one notification, as in tell_typing().
TOGETHER = 60

TYPING_JUDGE = query("typing_judge", "users", "chats")
TYPING_TELL = query("typing_tell", "users", "chats", "sessions", "started", "positions", "times")

Outcome = Literal["told", "unheard", "archived", "silenced", "forbidden", "not_found", "dropped"]

_log = structlog.get_logger()


class Place(NamedTuple):
    user_id: int
    chat_id: int


class _Judgement(NamedTuple):
    """`position`: of the log, at which it holds; `at`: when, by the database's clock."""

    outcome: Outcome
    position: int
    at: float


class Notice(NamedTuple):
    session_id: int
    started: bool
    position: int
    at: float


class TypingNotices:
    def __init__(self, pool: Pool, leader: "RelayLeader | None" = None) -> None:
        self._pool, self._leader = pool, leader
        # Of notices over NATS; None while a notify_server would not hear them.
        self._key: str | None = None
        self._judge: Batcher[Place, _Judgement] = Batcher(self._look_up, batch=LARGEST_BATCH, queue=MOST_WAITING)
        self._notices: dict[Place, Notice] = {}
        self._teller: asyncio.Task[None] | None = None

    async def tell(self, user_id: int, session_id: int, chat_id: int, started: bool) -> Outcome:
        """`dropped`: too many notices are waiting already. Raises BatcherFull, and what the database raises."""
        place = Place(user_id, chat_id)
        outcome, position, at = await self._judge.submit(place)
        if outcome in ("archived", "silenced") and not started:
            return "unheard"  # which has ended it already
        if outcome != "told":
            return outcome
        if len(self._notices) >= MOST_NOTICES and place not in self._notices:
            return "dropped"
        self._notices[place] = Notice(session_id, started, position, at)
        if self._teller is None:
            self._teller = asyncio.create_task(self._tell_all())
        return outcome

    async def run(self) -> None:
        """Runs until cancelled: keeps the way over NATS, if there is one."""
        if self._leader is not None:
            await self._leader.run()

    async def close(self) -> None:
        """Sends the waiting notices; they are few."""
        await self._judge.close(APART_SECONDS)
        if self._teller is not None:
            await asyncio.wait([self._teller], timeout=1)

    async def _look_up(self, places: list[Place]) -> Sequence[_Judgement]:
        users, chats = map(list, zip(*places, strict=True))
        rows = await TYPING_JUDGE.rows(self._pool, users=users, chats=chats)
        self._key = rows[0]["key"]
        return [_Judgement(row["outcome"], row["position"], row["at"]) for row in rows]

    async def _tell_all(self) -> None:
        """Runs until there is nothing to send."""
        try:
            while self._notices:
                notices, self._notices = self._notices, {}
                await self._tell(notices)
                await asyncio.sleep(APART_SECONDS)
        finally:
            self._teller = None

    async def _tell(self, notices: dict[Place, Notice]) -> None:
        key = (self._key or "").encode()
        if self._leader is not None and key and self._leader.is_heard(key):
            await self._leader.tell(list(texts(notices)), key)
            return
        users, chats = map(list, zip(*notices, strict=True))
        sessions, started, positions, times = map(list, zip(*notices.values(), strict=True))
        try:
            await TYPING_TELL.row(
                self._pool,
                users=users,
                chats=chats,
                sessions=sessions,
                started=started,
                positions=positions,
                times=times,
            )
        except DATABASE_ERRORS as error:
            _log.debug("typing not told", error=type(error).__name__)


def texts(notices: dict[Place, Notice]) -> Iterator[str]:
    """As tell_typing() makes them."""
    entries = [
        (place.chat_id, place.user_id, notice.session_id, notice.started, notice.position, notice.at)
        for place, notice in notices.items()
    ]
    for start in range(0, len(entries), TOGETHER):
        yield msgspec.json.encode({"typing": entries[start : start + TOGETHER]}).decode()
