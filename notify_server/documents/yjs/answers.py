"""Long answers to clients: a board, its present clients, and other clients' large updates.

A connection gets one answer at a time, and the next only when its client has read the one before. A client that asks
and does not read therefore has at most one board waiting, however often it asks and on however many boards.
"""

import asyncio
from collections import deque
from typing import Final

from chat_core.documents.lib0 import Malformed
from chat_core.documents.updates import EMPTY, read_vector_in_parts
from chat_core.problems import Problem
from notify_server.documents.yjs import sync
from notify_server.documents.yjs.edits import Edits
from notify_server.documents.yjs.room import INLINE_BYTES, Connection, Peer

# Maximum bytes of the state vectors of waiting questions, unless there is only one.
MOST_ASKED_BYTES: Final = 1 << 20
# Entries of a long state vector that are read in one turn of the loop.
ENTRIES_AT_ONCE: Final = 5000


class Answers:
    """A connection's answers. A waiting question is not queued twice: the newest vector counts."""

    __slots__ = ("_boards", "_edits", "_relayed", "_relayed_bytes", "_socket", "_taken", "_who", "_working")

    def __init__(self, socket: Connection, edits: Edits) -> None:
        self._socket, self._edits = socket, edits
        # By place: the state vectors of clients that want a board, and the clients that want to know who is present.
        self._boards: dict[Peer, bytes] = {}
        self._who: dict[Peer, None] = {}
        # Updates that their rooms hold anyway.
        self._relayed: deque[tuple[Peer, bytes]] = deque()
        self._relayed_bytes = 0
        self._taken: asyncio.Event | None = None
        self._working: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        return self._working is not None

    def board(self, peer: Peer, vector: bytes) -> None:
        """What a client with this state vector lacks, now or later."""
        self._boards[peer] = vector
        if len(self._boards) > 1 and sum(map(len, self._boards.values())) > MOST_ASKED_BYTES:
            problem = Problem(429, "too_many_frames", "Too many requests are waiting; read the responses first.")
            self._socket.refuse("rate", problem)
            return
        self._work()

    def relay(self, peer: Peer, update: bytes) -> None:
        """Another client's large update, now or later. Besides the largest, no more waits than for any slow reader."""
        self._relayed.append((peer, update))
        self._relayed_bytes += len(update)
        largest = max(len(waiting) for _, waiting in self._relayed)
        if self._relayed_bytes - largest + self._socket.queued_bytes() > self._socket.buffer_bytes:
            self._socket.abort("slow")
        else:
            self._work()

    def who(self, peer: Peer) -> None:
        """Who is present: immediately, if nothing else is waiting."""
        if self._working is None and self._taken is None:
            peer.tell_who_is_here()
        else:
            self._who[peer] = None
            self._work()

    def given(self) -> None:
        """Data has been sent that its client must read before the next answer."""
        if self._taken is None:
            self._taken = asyncio.Event()

    def taken(self) -> None:
        if self._taken is not None:
            self._taken.set()
            self._taken = None

    def clear(self) -> None:
        self._boards.clear()
        self._who.clear()
        self._relayed.clear()
        self._relayed_bytes = 0
        self.taken()

    def _work(self) -> None:
        if self._working is None:
            self._working = asyncio.create_task(self._answer_all())

    async def _answer_all(self) -> None:
        try:
            while self._boards or self._who or self._relayed:
                if self._taken is not None:
                    await self._taken.wait()
                elif self._who:
                    peer = next(iter(self._who))
                    del self._who[peer]
                    if peer.here:
                        peer.tell_who_is_here()
                elif self._relayed:
                    peer, update = self._relayed.popleft()
                    self._relayed_bytes -= len(update)
                    if peer.here:
                        await peer.send_updates([update])
                else:
                    peer = next(iter(self._boards))
                    vector = self._boards.pop(peer)
                    if peer.here:
                        await self._catch_up(peer, vector)
        except Malformed as error:
            self._socket.misunderstand(error)
        except BaseException:
            self._socket.abort("error")
            raise
        finally:
            self._working = None

    async def _catch_up(self, peer: Peer, vector: bytes) -> None:
        """Step 2: everything that the client lacks, then an empty one as the end. Raises Malformed for a bad vector."""
        if peer.asks_back:
            peer.ask()
        if len(vector) > INLINE_BYTES:
            for _ in read_vector_in_parts(vector, ENTRIES_AT_ONCE, {}):
                await asyncio.sleep(0)
        await peer.send_updates(await self._edits.missing(peer, vector), sync.step_2(EMPTY))
