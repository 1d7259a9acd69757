"""The pages that are open here: loading them, others' patches, snapshots, and unloading."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec
import structlog

from chat_core.database.queries import query
from chat_core.documents.patches.limits import Limits
from chat_core.log.event import Event
from notify_server.documents.access import no_such
from notify_server.documents.context import Context
from notify_server.documents.metrics import PAGES
from notify_server.documents.pages import metrics
from notify_server.documents.pages.appender import PAGE_OPS_BY_ID, Appender
from notify_server.documents.pages.content import Content
from notify_server.documents.pages.messages import Pending
from notify_server.documents.pages.operations import Asked
from notify_server.documents.pages.room import Fates, PagePeer, PageRoom
from notify_server.documents.pages.snapshots import Snapshots
from notify_server.documents.room import Newest
from notify_server.documents.rooms import DocumentRooms

CHANNEL = "fechatter_pages"
PAGE_LOAD = query("page_load", "page")
PAGES_AFTER = query("pages_after", "pages", "versions")
PAGES_LOST = query("pages_lost", "pages", "versions", "op_ids")
# Rows read at a time, as in the query.
ROWS = 1000
# Patches applied in one turn of the loop while a page is loaded.
APPLIED_AT_ONCE = 50

log = structlog.get_logger()


class PageRooms(DocumentRooms[PageRoom, PagePeer]):
    """One per server. `epoch` is the one from which the log's comes: an operation's id is never used
    again within it."""

    kind = "page"
    metrics = PAGES

    def __init__(self, context: Context, epoch: Callable[[], str]) -> None:
        settings = context.settings.pages
        super().__init__(context, settings, settings.connections_per_page)
        self.epoch = epoch
        self.snapshots = Snapshots(settings, self.pool)
        self.appender = Appender(
            self.pool, self.node, self.catch_up, self.snapshots.want, self.give_up, context.readiness.report
        )
        self._limits = Limits.of(settings)

    # -- a page's life

    async def load(self, document_id: int, user_id: int) -> PageRoom:
        row = await PAGE_LOAD.row(self.pool, page=document_id)
        if row is None:
            raise no_such("page")
        content = Content(msgspec.json.decode(row["content"]), row["snapshot_version"], row["schema"], self._limits)
        columns = ("versions", "op_ids", "digests", "bases", "users", "clients", "patches", "inverses", "effects")
        names = ("version", "op_id", "digest", "base", "user_id", "client_id", "patch", "inverse", "effects")
        for at, values in enumerate(zip(*(row[column] for column in columns), strict=True), 1):
            content.settle(dict(zip(names, values, strict=True)))
            if at % APPLIED_AT_ONCE == 0:
                await asyncio.sleep(0)
        room = PageRoom(document_id, content, row["snapshot_version"], self.touch, self.presence.changed, self.ring)
        if row["newest"] is not None:
            room.know(row["version"], row["newest"])
        return room

    def unload(self, room: PageRoom) -> bool:
        """Not before all of it is stored, and in a snapshot."""
        if room.queue or room.content.flying or room.catching_up:
            return False
        return not self.snapshots.want(room, leaving=True)

    def give_up(self, room: PageRoom, reason: str) -> None:
        if self.open.get(room.page_id) is room:
            del self.open[room.page_id]
        self.appender.drop(room, [asked.author for asked in room.queue])
        for peer in list(room.peers):
            peer.socket.close(reason)

    def concerned(self, room: PageRoom) -> Iterable[PagePeer]:
        waiting = [asked.author for asked in [*room.queue, *room.content.flying]]
        return {*room.peers, *(author for author in waiting if isinstance(author, PagePeer))}

    def drop(self, peers: Iterable[PagePeer]) -> None:
        for peer in peers:
            self.appender.drop(peer.room, [peer])

    # -- patches

    def take(self, peer: PagePeer, asked: Asked) -> None:
        self.appender.put(peer.room, asked)

    async def read(self, rooms: Sequence[PageRoom]) -> bool:
        """What is flying in a room comes first: if it is behind, the appender catches up."""
        waiting = {room: room.catching_up for room in rooms}
        for room in rooms:
            room.catching_up = []
        try:
            rows = await PAGES_AFTER.rows(
                self.pool,
                pages=[room.page_id for room in rooms],
                versions=[room.content.version for room in rooms],
            )
            of: dict[int, list[object]] = {}
            for row in rows:
                of.setdefault(row["page_id"], []).append(row)
            for room in rooms:
                if room.content.flying:
                    room.stale = True
                    continue
                room.take(of.get(room.page_id, ()))  # type: ignore[arg-type]  # rows of the database
                if len(rows) < ROWS:
                    for waiter in waiting.pop(room):
                        if not waiter.done():
                            waiter.set_result(None)
        finally:
            for room, waiters in waiting.items():
                room.catching_up = waiters + room.catching_up
        for room in rooms:
            self.snapshots.want(room)
        return len(rows) == ROWS

    async def lost(self, doubted: Sequence[tuple[int, Newest]]) -> set[int]:
        rows = await PAGES_LOST.rows(
            self.pool,
            pages=[page_id for page_id, _ in doubted],
            versions=[edit.number for _, edit in doubted],
            op_ids=[edit.identity for _, edit in doubted],
        )
        return {row["document_id"] for row in rows}

    async def catch_up(self, rooms: Sequence[PageRoom]) -> None:
        """Reads until these rooms have what was stored when this began. Nothing may be flying in them. Database errors
        pass through."""
        while await self.read(rooms):
            pass

    async def is_current(self, room: PageRoom) -> None:
        """Waits until the room has what any server had stored when this began."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        room.catching_up.append(waiter)
        self.ring([room.page_id])
        await waiter

    async def fates(self, room: PageRoom, pending: Sequence[Pending]) -> Fates:
        """What became of a client's pending patches. Database errors pass through."""
        asked = [each.id for each in pending]
        versions = {op_id: known.version for op_id in asked if (known := room.content.ids.get(op_id)) is not None}
        if missing := [op_id for op_id in asked if op_id not in versions]:
            for row in await PAGE_OPS_BY_ID.rows(self.pool, page=room.page_id, op_ids=missing):
                versions[row["op_id"]] = row["version"]
        return {
            op_id: {"status": "committed", "version": versions[op_id]} if op_id in versions else {"status": "unknown"}
            for op_id in asked
        }

    # -- what happens elsewhere

    def follow(self, events: Iterable[Event]) -> None:
        events = list(events)
        super().follow(events)
        for event in events:
            if event.kind == "PageEdited" and (room := self.open.get(event.document_id or 0)) is not None:
                version = int(msgspec.json.decode(event.payload)["version"])
                if version > room.snapshot_version:
                    room.snapshot_version, room.dirty_since = version, time.monotonic()

    # -- time passes

    def forget_the_idle(self) -> None:
        for room in self.open.values():
            self.snapshots.want(room)
        super().forget_the_idle()

    def measure(self) -> None:
        super().measure()
        metrics.unstored_bytes.set(self.appender.waiting_bytes)

    async def close(self, seconds: float) -> None:
        """Waits until everything received is durable, at most this long."""
        await self.appender.close(seconds)
        await self.snapshots.close()
