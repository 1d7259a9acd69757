"""What a client missed: the events between its cursor and the moment its stream goes live.

They come from the ring as far as it reaches back, and below that from the database, in pages. The stream is subscribed
from its start, so memberships are exact throughout, but it goes live only near the end. While the distance is longer
than a page, pages are read and nothing is held back. Then `start` is set to the end of the log, live frames above it
wait, the last page is read, and the stream is released. So there is no gap and no duplicate, and no more waits than
what happens during one page.

An event is sent again only if the user may see it now, and not from before the user was added: see audience.py. A
server that is behind the database, as after a crash of it, knows less of the user than the snapshot that let them in:
until it has come that far, what is sent again is decided by the snapshot.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import asyncpg

from chat_core.database.pool import Pool, Source
from chat_core.database.queries import Query, query
from chat_core.database.standby import Missed, Reached, Standbys
from chat_core.load.boots import Boots
from chat_core.log.audience import Access
from chat_core.log.cursor import Cursor
from chat_core.log.event import Effect, EffectRow, Event
from chat_core.log.page import PAGE, PAGE_BYTES, Page
from notify_server import metrics
from notify_server.fan_out.deputies import Deputy
from notify_server.fan_out.hub import Hub, Subscriber
from notify_server.streams.stream import NOT_YET, Stream

# Bytes handed to the connection at a time.
WRITE_BYTES = 262_144

STREAM_EFFECTS = query("stream_effects", "user_id", "position", "last")
STREAM_PAGE = query("stream_page", "user_id", "chats", "documents", "workspaces", "position", "last", "amount", "bytes")


@dataclass(slots=True)
class Replay:
    """One stream's way from `position` to live. `access`: the user's at its position, which the hub may not have
    reached. Memory: a page of events."""

    pool: Pool
    standbys: Standbys | None
    boots: Boots
    hub: Hub
    subscriber: Subscriber | Deputy
    access: Subscriber | Deputy
    stream: Stream
    position: int
    sent: int = 0
    amount: int = PAGE

    async def frames(self) -> AsyncIterator[bytes]:
        """The missed frames, a page at a time; the stream may be released when this ends."""
        metrics.resumes.labels("ring" if self._in_ring() else "database").inc()
        framing = self.stream.framing
        recent = await self._recent_access()
        while self.position < self.stream.start:
            if self.stream.start == NOT_YET and (self._in_ring() or self._head() - self.position <= PAGE):
                self.stream.start = self._head()
            events = await self._page(min(self.stream.start, self._head()))
            if self.stream.reason:
                return  # the stream is ending, perhaps since another history has begun
            if events is None:
                yield self._reset()
                return
            visible = [framing.event(event) for event in self._visible(events, recent)]
            self.sent += len(visible)
            for page in _pages(visible):
                yield page
        metrics.replayed.observe(self.sent)

    def _visible(self, events: Iterable[Event], recent: Access) -> list[Event]:
        viewer, bound_to = self._viewer(), self.stream.workspace_id
        return [event for event in events if viewer.sees(event, recent) and viewer.sends(event, bound_to, recent)]

    def _viewer(self) -> Subscriber | Deputy:
        """The user's access, as of `_head`."""
        return self.subscriber if self.access.position <= self.hub.position else self.access

    def _head(self) -> int:
        """The newest position that is both in the log and reflected in the user's memberships."""
        return max(self.hub.position, self.access.position)

    def _in_ring(self) -> bool:
        """Whether everything from here to `_head` is in memory."""
        return self.hub.ring.floor <= self.position and self.access.position <= self.hub.position

    async def _recent_access(self) -> Access:
        """What the log did to the user's access above the cursor: replay of each place starts no earlier. Up to where
        that access is known to, and no further: a removal after it would undo that the user was added before it."""
        recent = Access.nothing(self.subscriber.user_id)
        effects: list[Effect] = []
        if self._in_ring():
            about = self.hub.ring.about(recent.user_id, self.position)
            effects.extend(event for event in about if event.effect is not None)
        else:
            async with self.boots.turn(self.stream.user_id):
                rows = await self._rows(STREAM_EFFECTS, self._head(), user_id=recent.user_id)
            effects.extend(EffectRow(*row) for row in rows)
        for effect in effects:
            recent.apply(effect)
        if self.stream.workspace_id is not None:  # where the user was, and is no longer
            within = self.subscriber.within[self.stream.workspace_id]
            chats = {effect.chat_id for effect in effects if effect.chat_id is not None}
            documents = {effect.document_id for effect in effects if effect.document_id is not None}
            await within.look_up(self.pool, recent.user_id, chats, documents)
        return recent

    async def _page(self, last: int) -> list[Event] | None:
        """The next events that may concern the user; moves `position` past them. None if the log was cut below it."""
        if self._in_ring():
            missed = self.hub.ring.concerning(self.subscriber, self.position)
            self.position = last
            return missed
        async with self.boots.turn(self.stream.user_id):
            member_of = self._viewer().member_of
            rows = await self._rows(
                STREAM_PAGE,
                last,
                user_id=self.subscriber.user_id,
                chats=list(member_of.chats),
                documents=list(member_of.documents),
                workspaces=list(member_of.workspaces),
                amount=self.amount,
                bytes=PAGE_BYTES,
            )
        if rows[0]["epoch"] != self.hub.epoch:  # there is a failover, of which the hub will learn
            self.stream.close("shutdown")  # its client reconnects
            return []
        if not rows[0]["reaches"]:
            return None
        page = Page.of(rows, self.hub.lineage, self.amount)
        self.position = page.events[-1].position if page.full else last
        self.amount = page.next_amount
        return page.events

    async def _rows(self, asked: Query, last: int, **values: object) -> list[asyncpg.Record]:
        """Of the log from here up to a position, which a standby, if it answers, has."""

        async def work(source: Source) -> list[asyncpg.Record]:
            return await asked.rows(source, position=self.position, last=last, **values)

        if self.standbys is not None:
            host = ""
            try:
                standby = self.standbys.choose()
                host = standby.host
                rows, _ = await standby.read(Reached(self.hub.epoch, last), work)
            except Missed as missed:
                metrics.standby_reads.labels(missed.why, host).inc()
            else:
                metrics.standby_reads.labels("standby", host).inc()
                return rows
        return await work(self.pool)

    def _reset(self) -> bytes:
        self.stream.start = self._head()
        metrics.resets.labels("retention").inc()
        return self.stream.framing.control(Cursor(self.hub.epoch, self.stream.start), "reset", {"reason": "retention"})


def _pages(frames: Iterable[bytes]) -> Iterable[bytes]:
    """Joined, in pieces of about WRITE_BYTES."""
    page: list[bytes] = []
    size = 0
    for content in frames:
        page.append(content)
        size += len(content)
        if size >= WRITE_BYTES:
            yield b"".join(page)
            page, size = [], 0
    if page:
        yield b"".join(page)
