"""Who is on a board over other servers: each tells, in an unlogged table, who is there over it, and reads the others.

What is told is state, not change: whoever reads gets all that others have on a board, so nothing that is missed stays
wrong. A server's rows go with its lease, so its death leaves no ghosts. A server that is alone writes nothing: another
one is heard of when it registers, and then all is told at once.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from notify_server.documents import metrics
from notify_server.documents.access import ENDS, Access
from notify_server.documents.yjs.awareness import Elsewhere, Entry
from notify_server.documents.yjs.room import Room

CHANNEL = "fechatter_board_presence"
TELL_BOARD_PRESENCE = query(
    "tell_board_presence", "node", "boards", "clients", "users", "sessions", "openings", "clocks", "states"
)
BOARD_OPENING = query("board_opening")
BOARD_PRESENCE = query("board_presence", "boards", "node")
# What comes within this is told together, and read together.
TICK_SECONDS = 0.03
# Clients that are told of at once: their boards fit into one notification.
MOST_AT_ONCE = 300
BACKOFF_SECONDS = 1.0
LAST_WORD_SECONDS = 2.0

log = structlog.get_logger()


class SharedPresence:
    """One per server, which `node` names; `rooms` are the boards that are open on it.

    `alone`: nobody else was there when it was last told. Whether that still holds is known by `_heard`, which counts
    how often another server may have come.
    """

    def __init__(self, pool: Pool, node: str, rooms: Mapping[int, Room], access: Access) -> None:
        self._pool, self._node, self._rooms, self._access = pool, node, rooms, access
        self.alone = False
        self._heard = 0
        # Clients of boards whose presence is to be told, and those that others have been told of.
        self._changed: set[tuple[int, int]] = set()
        self._told: set[tuple[int, int]] = set()
        self._rung: set[int] = set()
        self._news, self._bell = asyncio.Event(), asyncio.Event()

    def changed(self, board_id: int, clients: Iterable[int]) -> None:
        if not self.alone:
            self._changed.update((board_id, client) for client in clients)
            self._news.set()

    def ring(self, boards: Iterable[int]) -> None:
        """Others' presence on these is another one."""
        self._rung.update(board for board in boards if board in self._rooms)
        if self._rung:
            self._bell.set()

    def hear(self, text: str) -> None:
        """A notification: the server that tells, and the boards. Without boards it is one that has come, or that has
        seen another one go: all is told and read again."""
        node, *boards = text.split()
        if not boards:
            self.start_over()
        elif node != self._node:
            self.ring(int(board) for board in boards if board.isascii() and board.isdecimal())

    def start_over(self) -> None:
        """Others may have come or gone unheard."""
        self.alone = False
        self._heard += 1
        self._changed |= self._told
        for board_id, room in self._rooms.items():
            self.changed(board_id, room.awareness.all_own())
        self._news.set()
        self.ring(self._rooms)

    def poll(self) -> None:
        """A notification may have been lost."""
        if not self.alone:
            self.ring(self._rooms)

    # -- telling

    async def tell(self) -> None:
        """Until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                while self._changed:
                    await self._tell_some()
            except DATABASE_ERRORS as error:
                log.debug("presence not told", error=type(error).__name__)
                self._news.set()
                await asyncio.sleep(BACKOFF_SECONDS)
            await asyncio.sleep(TICK_SECONDS)

    async def last_word(self) -> None:
        """That those have left who were here, before the server's lease says so."""
        with suppress(TimeoutError, *DATABASE_ERRORS):
            async with asyncio.timeout(LAST_WORD_SECONDS):
                while self._changed:
                    await self._tell_some()

    async def _tell_some(self) -> None:
        some = []
        for key in [self._changed.pop() for _ in range(min(MOST_AT_ONCE, len(self._changed)))]:
            owner, entry = self._present(*key)
            if entry.state is not None or key in self._told:  # else it is another server's
                some.append((key, owner, entry))
        if not some:
            return
        heard = self._heard
        try:
            answer = await TELL_BOARD_PRESENCE.one(
                self._pool,
                node=self._node,
                boards=[board_id for (board_id, _), _, _ in some],
                clients=[client for (_, client), _, _ in some],
                users=[owner.user_id for _, owner, _ in some],
                sessions=[owner.session_id for _, owner, _ in some],
                openings=[owner.opening for _, owner, _ in some],
                clocks=[entry.clock for _, _, entry in some],
                states=[entry.state.decode() if entry.state else None for _, _, entry in some],
            )
        except BaseException:
            self._changed.update(key for key, _, _ in some)
            raise
        if answer["told"]:
            metrics.presence_shared.inc(len(some))
            for key, _, entry in some:
                if entry.state is None:
                    self._told.discard(key)
                else:
                    self._told.add(key)
        elif heard == self._heard:
            # Nobody is there to be told, or this server has no lease yet: then it hears of itself when it has one.
            self.alone = True
            self._changed.clear()
        else:
            self._changed.update(key for key, _, _ in some)

    def _present(self, board_id: int, client: int) -> tuple[Elsewhere, Entry]:
        """As others see it."""
        room = self._rooms.get(board_id)
        own = room.awareness.own(client) if room is not None else None
        if own is None:
            return Elsewhere(0, 0, 0), Entry(client, 0, None)
        owner, entry = own
        return Elsewhere(owner.user_id, owner.session_id, owner.opening), entry

    # -- reading

    async def listen(self) -> None:
        """Until cancelled."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            rung, self._rung = self._rung, set()
            try:
                present = await self.read(list(rung))
            except DATABASE_ERRORS as error:
                log.debug("presence not read", error=type(error).__name__)
                await asyncio.sleep(BACKOFF_SECONDS)
                self.ring(rung)
                continue
            for board_id in rung:
                if (room := self._rooms.get(board_id)) is not None:
                    room.take_presence_elsewhere(present[board_id])
            await asyncio.sleep(TICK_SECONDS)

    async def read(self, boards: Sequence[int]) -> Mapping[int, list[tuple[Elsewhere, Entry]]]:
        """Of each board, who is there over other servers; for those that are open it may be taken in at once. Database
        errors pass through."""
        present: dict[int, list[tuple[Elsewhere, Entry]]] = defaultdict(list)
        if self.alone:
            return present
        with self._access.watching() as seen:
            for row in await BOARD_PRESENCE.rows(self._pool, boards=boards, node=self._node):
                entry = Entry(row["client_id"], row["clock"], row["state"].encode())
                owner = Elsewhere(row["user_id"], row["session_id"], row["opening"])
                present[row["board_id"]].append((owner, entry))
            returning = [
                room.awareness
                for board_id in boards
                if (room := self._rooms.get(board_id)) and room.awareness.have_returned(present[board_id])
            ]
            if returning:
                opening = await BOARD_OPENING.value(self._pool)
                for awareness in returning:
                    awareness.lead(opening)
        # What the log has told since: it has ended who was here, and what was read may be older.
        sessions = {event.session_id for event in seen if event.session_id is not None}
        places = {(event.board_id, event.user_id) for event in seen if event.kind in ENDS}
        for board_id in present if seen else ():
            present[board_id] = [
                (owner, entry)
                for owner, entry in present[board_id]
                if owner.session_id not in sessions and (board_id, owner.user_id) not in places
            ]
        return present
