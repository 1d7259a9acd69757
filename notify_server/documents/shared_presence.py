"""Presence on other servers: each server publishes its own, in an unlogged table, and reads the others'.

Rows hold state, not changes: a reader gets everything that others have on a document, so a lost notification does no
lasting harm. A server's rows end with its lease, so its death leaves no ghosts. A server that is alone writes nothing:
when another one registers, everything is published at once.

Where all servers hear each other over NATS, a client that others know already is told there when it moves, and stored a
little later without a notification. Who comes and goes is always published by the table (moves.py).
"""

import asyncio
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from notify_server.documents import metrics
from notify_server.documents.access import ENDS, Access
from notify_server.documents.awareness import Elsewhere, Entry
from notify_server.documents.moves import Moves, fits
from notify_server.documents.room import DocumentRoom
from notify_server.relay.hints import Moved, State

CHANNEL = "fechatter_document_presence"
TELL_DOCUMENT_PRESENCE = query(
    "tell_document_presence",
    *("node", "documents", "clients", "users", "sessions", "openings", "clocks", "states", "quiet"),
)
DOCUMENT_OPENING = query("document_opening")
DOCUMENT_PRESENCE = query("document_presence", "documents", "node")
# Changes within this time are published together, and read together.
TICK_SECONDS = 0.03
# How often that is stored which was told over NATS.
STORE_SECONDS = 2.0
# Clients published at a time: their documents fit into one notification.
MOST_AT_ONCE = 300
BACKOFF_SECONDS = 1.0
LAST_WORD_SECONDS = 2.0

log = structlog.get_logger()

Key = tuple[int, int]
Presence = dict[int, list[tuple[Elsewhere, Entry]]]


class SharedPresence:
    """One per server, named by `node`; `rooms` are the documents that are open on it, those of each kind a map.

    `alone`: nobody else was there at the last publication. Whether that still holds follows from `_heard`, which counts
    how often another server may have come. `_all_hear`: every server heard NATS at the last publication.
    """

    def __init__(self, pool: Pool, node: str, access: Access) -> None:
        self._pool, self._node, self._access = pool, node, access
        self.rooms: ChainMap[int, DocumentRoom[Any]] = ChainMap()
        self.alone = False
        self._heard = 0
        # Clients whose presence is to be published, by document, and those that have been.
        self._changed: set[Key] = set()
        self._told: set[Key] = set()
        # Those of which others have heard over NATS alone.
        self._moved: set[Key] = set()
        self._moves: Moves | None = None
        self._telling = asyncio.Lock()
        self._all_hear = False
        # What is heard while the table is being read, which may be older.
        self._reading: list[Presence] = []
        self._rung: set[int] = set()
        self._news, self._bell = asyncio.Event(), asyncio.Event()

    def serve(self, rooms: Mapping[int, DocumentRoom[Any]]) -> None:
        """The open documents of one more kind."""
        self.rooms.maps.append(cast("dict[int, DocumentRoom[Any]]", rooms))

    def over(self, moves: Moves) -> None:
        """There is a faster way than the database."""
        self._moves = moves

    def changed(self, document_id: int, clients: Iterable[int]) -> None:
        if not self.alone:
            self._changed.update((document_id, client) for client in clients)
            self._news.set()

    def ring(self, documents: Iterable[int]) -> None:
        """The presence on these documents has changed elsewhere."""
        self._rung.update(document for document in documents if document in self.rooms)
        if self._rung:
            self._bell.set()

    def hear(self, text: str) -> None:
        """A notification: the publishing server, and the documents. Without documents, a server has come, or has seen
        another one go: everything is published and read again."""
        node, *documents = text.split()
        if not documents:
            self.start_over()
        elif node != self._node:
            self.ring(int(document) for document in documents if document.isascii() and document.isdecimal())

    def start_over(self) -> None:
        """Servers may have come or gone unnoticed."""
        self.alone = self._all_hear = False
        self._heard += 1
        self._changed |= self._told
        for document_id, room in self.rooms.items():
            self.changed(document_id, room.awareness.all_own())
        self._news.set()
        self.ring(self.rooms)

    def poll(self, documents: Iterable[int]) -> None:
        """A notification about these may have been lost."""
        if not self.alone:
            self.ring(documents)

    # -- telling

    async def tell(self) -> None:
        """Runs until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                while self._changed:
                    self._send_moves()
                    await self._tell_some(self._changed)
            except DATABASE_ERRORS as error:
                log.debug("presence not told", error=type(error).__name__)
                self._news.set()
                await asyncio.sleep(BACKOFF_SECONDS)
            await asyncio.sleep(TICK_SECONDS)

    async def store(self) -> None:
        """Runs until cancelled: stores what was told over NATS, for those who open a document or have lost NATS."""
        while True:
            await asyncio.sleep(STORE_SECONDS)
            try:
                while self._moved:
                    await self._tell_some(self._moved, quiet=True)
            except DATABASE_ERRORS as error:
                log.debug("presence not stored", error=type(error).__name__)

    def _send_moves(self) -> None:
        if self._moves is None or not self._all_hear or not self._moves.go_out:
            return
        states = []
        for key in self._changed & self._told:
            owner, entry = self._present(*key)
            if entry.state is not None and fits(entry.state):
                document_id, client = key
                states.append(
                    State(document_id, client, entry.clock, owner.user_id, owner.session_id, owner.opening, entry.state)
                )
                self._changed.discard(key)
                self._moved.add(key)
        self._moves.send(states)
        metrics.presence_moved.inc(len(states))

    async def last_word(self) -> None:
        """Publishes that all clients of this server have left, without waiting for the end of its lease."""
        with suppress(TimeoutError, *DATABASE_ERRORS):
            async with asyncio.timeout(LAST_WORD_SECONDS):
                while self._changed:
                    await self._tell_some(self._changed)

    async def _tell_some(self, waiting: set[Key], *, quiet: bool = False) -> None:
        """Some of those that wait. `quiet`: others have heard of them, but not that one has left."""
        async with self._telling:  # who has left is not written back by what was read before
            await self._write_some(waiting, quiet=quiet)

    async def _write_some(self, waiting: set[Key], *, quiet: bool) -> None:
        some = []
        for key in [waiting.pop() for _ in range(min(MOST_AT_ONCE, len(waiting)))]:
            owner, entry = self._present(*key)
            if entry.state is not None or (key in self._told and not quiet):  # else it is another server's
                some.append((key, owner, entry))
        if not some:
            return
        heard = self._heard
        try:
            answer = await TELL_DOCUMENT_PRESENCE.one(
                self._pool,
                node=self._node,
                documents=[document_id for (document_id, _), _, _ in some],
                clients=[client for (_, client), _, _ in some],
                users=[owner.user_id for _, owner, _ in some],
                sessions=[owner.session_id for _, owner, _ in some],
                openings=[owner.opening for _, owner, _ in some],
                clocks=[entry.clock for _, _, entry in some],
                states=[entry.state.decode() if entry.state else None for _, _, entry in some],
                quiet=quiet,
            )
        except BaseException:
            waiting.update(key for key, _, _ in some)
            raise
        if heard == self._heard:
            self._all_hear = answer["all_hear"]
        if answer["told"]:
            metrics.presence_shared.inc(len(some))
            for key, _, entry in some:
                if entry.state is None:
                    self._told.discard(key)
                else:
                    self._told.add(key)
        elif heard == self._heard:
            # There is no other server, or this one has no lease yet: then it notices itself when it has one.
            self.alone = True
            self._changed.clear()
            self._moved.clear()
        else:
            self._changed.update(key for key, _, _ in some)

    def _present(self, document_id: int, client: int) -> tuple[Elsewhere, Entry]:
        """As others see it."""
        room = self.rooms.get(document_id)
        own = room.awareness.own(client) if room is not None else None
        if own is None:
            return Elsewhere(0, 0, 0), Entry(client, 0, None)
        owner, entry = own
        return Elsewhere(owner.user_id, owner.session_id, owner.opening), entry

    # -- reading

    def hear_moved(self, moved: Moved) -> None:
        """What another server has sent."""
        if self._moves is None or self.alone:
            return
        heard: Presence = defaultdict(list)
        for state in self._moves.of_present(moved):
            entry = Entry(state.client, state.clock, state.state)
            heard[state.document_id].append((Elsewhere(state.user_id, state.session_id, state.opening), entry))
        for document_id, present in heard.items():
            for meanwhile in self._reading:
                if document_id in meanwhile:
                    meanwhile[document_id] += present
            if (room := self.rooms.get(document_id)) is None:
                continue
            if room.awareness.have_returned(present):
                self.ring([document_id])
            else:
                room.hear_presence_elsewhere(present)

    @contextmanager
    def _meanwhile(self, documents: Iterable[int]) -> Iterator[Presence]:
        heard: Presence = {document_id: [] for document_id in documents}
        self._reading.append(heard)
        try:
            yield heard
        finally:
            self._reading[:] = [other for other in self._reading if other is not heard]

    async def listen(self) -> None:
        """Runs until cancelled."""
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
            for document_id in rung:
                if (room := self.rooms.get(document_id)) is not None:
                    room.take_presence_elsewhere(present[document_id])
            await asyncio.sleep(TICK_SECONDS)

    async def read(self, documents: Sequence[int]) -> Mapping[int, list[tuple[Elsewhere, Entry]]]:
        """The presence on each document over other servers; open ones may merge it immediately. Database errors pass
        through."""
        present: Presence = defaultdict(list)
        if self.alone:
            return present
        with self._access.watching() as seen, self._meanwhile(documents) as heard:
            for row in await DOCUMENT_PRESENCE.rows(self._pool, documents=documents, node=self._node):
                entry = Entry(row["client_id"], row["clock"], row["state"].encode())
                owner = Elsewhere(row["user_id"], row["session_id"], row["opening"])
                present[row["document_id"]].append((owner, entry))
            for document_id, newer in heard.items():
                present[document_id] += newer
            returning = [
                room.awareness
                for document_id in documents
                if (room := self.rooms.get(document_id)) and room.awareness.have_returned(present[document_id])
            ]
            if returning:
                opening = await DOCUMENT_OPENING.value(self._pool)
                for awareness in returning:
                    awareness.lead(opening)
        # Later events of the log have ended some of it, and what was read may be older.
        sessions = {event.session_id for event in seen if event.session_id is not None}
        places = {(event.document_id, event.user_id) for event in seen if event.kind in ENDS}
        for document_id in present if seen else ():
            present[document_id] = [
                (owner, entry)
                for owner, entry in present[document_id]
                if owner.session_id not in sessions and (document_id, owner.user_id) not in places
            ]
        return present
