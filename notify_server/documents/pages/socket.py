"""The WebSockets of pages: `/ws?pageId=` with one page, and `/api/pages/ws` with many."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Final

import structlog
from websockets.frames import Opcode

from chat_core.documents.lib0 import Malformed
from chat_core.problems import DATABASE_ERRORS, Problem, from_database, unavailable
from chat_core.tokens import Claims
from notify_server.documents.access import Refused, Role
from notify_server.documents.pages.messages import (
    CursorMove,
    Dialect,
    Editing,
    Heartbeat,
    Join,
    Leave,
    OpPatch,
    Pending,
    Selection,
    Sync,
    Upward,
    read,
    say,
)
from notify_server.documents.pages.operations import Asked
from notify_server.documents.pages.room import PageConnection, PagePeer, PageRoom
from notify_server.documents.pages.rooms import PageRooms
from notify_server.documents.socket import DocumentSocket
from notify_server.websocket.strangers import Strangers

log = structlog.get_logger()

# Pages on a socket, open or being opened.
MOST_PAGES: Final = 100
# The overhead around a patch in a message, and what one costs that waits to be stored.
ENVELOPE_BYTES: Final = 1024
# Bytes of content that count as one more message.
BYTES_A_FRAME: Final = 65_536
# Codes of errors that are not the reason in capitals.
CODES: Final = {"no_such_page": "PAGE_NOT_FOUND", "protocol_error": "MALFORMED", "error": "INTERNAL_ERROR"}


def code_of(reason: str) -> str:
    return CODES.get(reason, reason.upper())


class Pages(DocumentSocket, PageConnection):
    """What both kinds of socket share. `waiting` are places that get their content once its client has read that of
    the one before."""

    takes = Opcode.TEXT

    __slots__ = ("_tasks", "_waiting")

    rooms: PageRooms

    def __init__(self, number: int, address: str, transport: asyncio.Transport, rooms: PageRooms) -> None:
        super().__init__(number, address, transport, rooms, rooms.settings.pages.patch_bytes + ENVELOPE_BYTES)
        self._waiting: dict[PagePeer, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # -- down

    def keep_alive(self) -> bytes:
        return say("heartbeat")

    def farewell(self, reason: str, problem: Problem) -> bytes:
        return say("error", code=code_of(reason), message=problem.detail)

    def greet(self, peer: PagePeer) -> None:
        if not peer.here:
            return
        if self._answered:
            self._waiting[peer] = None
        elif peer.room.content.flying:
            peer.room.newcomers.add(peer)
        else:
            self.answer(peer.room.greeting(peer, self.rooms.epoch()))

    def taken(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for peer in waiting:
            self.greet(peer)

    def passed_over(self, start: bytes) -> None:
        """Without its id, which is not searched for."""
        self.put(say("error", code="TOO_LARGE", message="The message is larger than a patch can be."))

    # -- up

    def read(self, content: bytes) -> None:
        said = read(content)
        if isinstance(said, Heartbeat):
            return
        peer = self.peer_of(said)
        if peer is not None:
            self._hear(peer, said, len(content))

    def peer_of(self, said: Upward) -> PagePeer | None:
        """The place that a message is about; None if it was only about that, or there is none."""
        raise NotImplementedError

    def _hear(self, peer: PagePeer, said: Upward, size: int) -> None:
        most = self.rooms.settings.pages.presence_bytes
        match said:
            case OpPatch():
                self._patch(peer, said, size)
            case CursorMove():
                at = {} if said.component_id is None else {"component_id": said.component_id}
                peer.be_present(most, cursor={"x": said.x, "y": said.y, **at})
            case Selection():
                peer.be_present(most, selection=said.component_ids)
            case Editing():
                peer.be_present(most, editing=said.component_id)
            case Sync() | Join():
                if self.afford(peer.room.content.size // BYTES_A_FRAME):
                    self._do(self.open(peer, said.pending))

    def _patch(self, peer: PagePeer, said: OpPatch, size: int) -> None:
        asked = Asked(
            peer,
            said.id or uuid.uuid4().hex,
            said.id is not None,
            said.patches,
            said.version,
            said.after,
            size + ENVELOPE_BYTES,
        )
        if self.rooms.appender.waiting_bytes + asked.size > self.rooms.settings.pages.unstored_bytes:
            detail = "The database is unavailable or too slow; try again shortly."
            self.refuse("overloaded", Problem(503, "overloaded", detail))
        else:
            self.rooms.take(peer, asked)

    # -- opening

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)

        def done(_: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("page not opened", exc_info=error)
                self.abort("error")

        task.add_done_callback(done)

    async def open(self, peer: PagePeer, pending: Sequence[Pending]) -> None:
        """Sends the content as of now, and what became of pending patches."""
        try:
            await self.rooms.is_current(peer.room)
            if pending:
                peer.fates = await self.rooms.fates(peer.room, pending)
        except DATABASE_ERRORS as error:
            self.refuse("refused", from_database(error) or unavailable())
            return
        self.greet(peer)

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()


class PageSocket(Pages):
    """`peer` is its place, once it is open."""

    protocol = "page"

    __slots__ = ("peer",)

    peer: PagePeer

    @staticmethod
    def places(socket: "PageSocket", room: PageRoom, role: Role) -> PagePeer:
        return PagePeer(socket, room, role, Dialect(None), socket.close)

    def take_place(self, peer: PagePeer) -> None:
        self.peer = peer
        peer.be_present(self.rooms.settings.pages.presence_bytes)
        self._do(self.open(peer, ()))
        self.admit()

    def peer_of(self, said: Upward) -> PagePeer | None:
        return None if isinstance(said, Leave) else self.peer


class PagesSocket(Pages):
    """`_opening` are the pages that are not open yet, `_pages` those that are."""

    protocol = "pages"

    __slots__ = ("_claims", "_opening", "_pages")

    def __init__(self, number: int, address: str, transport: asyncio.Transport, rooms: PageRooms) -> None:
        super().__init__(number, address, transport, rooms)
        self._pages: dict[int, PagePeer] = {}
        self._opening: set[int] = set()

    def meet(self, given: Claims | None, verify: Callable[[str], Claims], seconds: float, strangers: Strangers) -> None:
        if given is None:
            raise Problem(401, "unauthorized", "The request has neither a token nor a ticket.")
        self._claims = given
        strangers.discard(self)
        self.identify(given)
        self.rooms.add(self)
        self.put(say("ready", user_id=self.user_id, heartbeat_seconds=self.rooms.settings.notify.heartbeat_seconds))
        self.admit()

    def peer_of(self, said: Upward) -> PagePeer | None:
        page_id = said.page_id
        if page_id is None:
            raise Malformed("its payload has no `page_id`")
        peer = self._pages.get(page_id)
        if isinstance(said, Leave):
            self._forget(page_id)
        elif peer is not None:
            return peer
        elif not isinstance(said, Join):
            if page_id not in self._opening:
                self._say_no(page_id, "PAGE_NOT_FOUND", "Join the page first.")
        elif page_id not in self._opening:
            if len(self._pages) + len(self._opening) >= MOST_PAGES:
                self._say_no(page_id, "TOO_MANY_CONNECTIONS", f"A socket has at most {MOST_PAGES} pages.")
            else:
                self._opening.add(page_id)
                self._do(self._join(page_id, said.pending))
        return None

    async def _join(self, page_id: int, pending: Sequence[Pending]) -> None:
        dialect = Dialect(page_id)
        try:
            place = partial(PagePeer, dialect=dialect, ended=partial(self._end_page, page_id))
            peer = await self.rooms.enter(self, self._claims, page_id, place)
        except Refused as refused:
            if refused.reason == "session_revoked":
                self.refuse(refused.reason, refused.problem)
            else:
                self._say_no(page_id, code_of(refused.reason), refused.problem.detail)
            return
        except DATABASE_ERRORS as error:
            self._say_no(page_id, "INTERNAL_ERROR", (from_database(error) or unavailable()).detail)
            return
        except Problem as problem:
            self._say_no(page_id, "INTERNAL_ERROR", problem.detail)
            return
        finally:
            still_wanted = page_id in self._opening
            self._opening.discard(page_id)
        if not still_wanted:
            peer.room.leave(peer)
        elif not self.reason:
            self._pages[page_id] = peer
            peer.be_present(self.rooms.settings.pages.presence_bytes)
            await self.open(peer, pending)

    def _say_no(self, page_id: int, code: str, detail: str) -> None:
        self.put(say("error", page_id=page_id, code=code, message=detail))

    def _end_page(self, page_id: int, reason: str) -> None:
        self._forget(page_id)
        self._say_no(page_id, code_of(reason), "You have lost your place on this page.")

    def _forget(self, page_id: int) -> None:
        self._opening.discard(page_id)
        peer = self._pages.pop(page_id, None)
        if peer is not None and peer.here:
            peer.room.leave(peer)

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self._pages.clear()
        self._opening.clear()
