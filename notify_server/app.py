"""The ASGI application: routes, background tasks, start and stop."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import structlog
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chat_core.database.pool import Pool, open_pool
from chat_core.database.queries import query
from chat_core.database.readiness import Readiness
from chat_core.database.standby import Standbys
from chat_core.load import boots
from chat_core.load.boots import Boots
from chat_core.problems import DATABASE_ERRORS, Problem, from_database
from chat_core.process.background import Background
from chat_core.process.logs import path_without_secrets
from chat_core.process.metrics import CONTENT_TYPE_LATEST, exposition, shared_folder
from chat_core.settings import Settings, SettingsError
from chat_core.tokens import Verifier
from chat_core.tracing import spans_of
from notify_server import metrics
from notify_server.documents.context import Context
from notify_server.documents.endpoint import Openings
from notify_server.documents.moves import Moves
from notify_server.documents.pages.rooms import CHANNEL as PAGES
from notify_server.documents.pages.rooms import PageRooms
from notify_server.documents.pages.socket import PageSocket, PagesSocket
from notify_server.documents.protocols.hocuspocus import Hocuspocus
from notify_server.documents.protocols.json_messages import JsonMessages
from notify_server.documents.protocols.y_websocket import YWebSocket
from notify_server.documents.shared_presence import CHANNEL as DOCUMENT_PRESENCE
from notify_server.documents.yjs.rooms import CHANNEL as BOARDS
from notify_server.documents.yjs.rooms import BoardRooms
from notify_server.draining import Draining
from notify_server.fan_out.hub import Hub
from notify_server.fan_out.listener import Listener
from notify_server.fan_out.ring import Ring
from notify_server.hot import Hot
from notify_server.presence import ephemeral
from notify_server.presence.ephemeral import Ephemeral
from notify_server.presence.registry import Registry
from notify_server.refusals import refuse, refused
from notify_server.streams.framing import WEBSOCKET
from notify_server.streams.stream import Stream
from notify_server.subscriptions.openings import Openings as Arrivals
from notify_server.subscriptions.sse import open_events
from notify_server.subscriptions.subscribe import Subscriptions, stopping
from notify_server.websocket.chat import ChatServerClient
from notify_server.websocket.endpoint import WebSockets
from notify_server.websocket.inbound import Answers
from notify_server.websocket.origins import OriginGuard, Origins
from notify_server.websocket.strangers import Strangers

if TYPE_CHECKING:
    from notify_server.fan_out.deliveries import Deliveries
    from notify_server.relay.relay import Relay

LOG_HEALTH = query("log_health", "position")
DATABASE_FIGURES = query("database_figures")
# Heartbeats written in one turn of the loop.
BEATS_AT_ONCE = 100
# An id of a page has fewer.
MOST_DIGITS = 19
# How long edits of documents may take to become durable when the server stops.
LAST_WRITES_SECONDS = 5.0

log = structlog.get_logger()


class Notify:
    """One notify_server, from its start to its stop."""

    def __init__(self, settings: Settings, verifier: Verifier) -> None:
        self.settings = settings
        self.verifier = verifier
        self.hub = Hub(Ring(settings.notify.ring_bytes))
        self.arrivals = Arrivals()
        self.registry = Registry(self.hub, settings.notify, lambda: self.arrivals.waiting + self.subscriptions.waiting)
        self.ephemeral = Ephemeral(self.hub, settings.notify.typing_seconds, self._is_crowded)
        heard = {
            boots.CHANNEL: self._control,
            ephemeral.CHANNEL: self.ephemeral.receive,
            BOARDS: lambda text: self.boards.hear(text),
            PAGES: lambda text: self.pages.hear(text),
            DOCUMENT_PRESENCE: lambda text: self.documents.presence.hear(text),
        }
        self.relay = _relay(settings, heard, self._missed)
        self.deliveries = _deliveries(settings)
        self.listener = Listener(settings, self.hub, heard, self._missed, self.relay)
        self.origins = Origins(settings)
        self.strangers = Strangers()
        self.background = Background(metrics.crashes)
        self._boot_limit_changed = asyncio.Event()
        self.pool: Pool
        self.readiness: Readiness
        self.subscriptions: Subscriptions
        self.sockets: WebSockets
        self.documents: Context
        self.boards: BoardRooms
        self.pages: PageRooms
        self.openings: Openings
        self.draining: Draining
        self.boots: Boots

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connected to the database and following the log. Raises what the first connect raises."""
        self.pool = await open_pool(self.settings.database, "fechatter notify")
        self.readiness = Readiness(self.pool)
        self.boots = Boots(self.pool, metrics.boots, metrics.boot_limit)
        if not await self.boots.read():
            self._boot_limit_changed.set()
        standbys = Standbys.of(self.settings.database, "fechatter notify reads")
        self.subscriptions = Subscriptions(
            self.settings, self.pool, self.hub, self.verifier, self.registry, self.boots, standbys
        )
        chat = ChatServerClient(self.settings.notify.chat_url)
        self.sockets = WebSockets(self.subscriptions, Answers(self.subscriptions, chat), self.origins, self.strangers)
        self.documents = Context(self.settings, self.pool, self.registry, self.readiness, self.strangers)
        self.boards = BoardRooms(self.documents)
        self.pages = PageRooms(self.documents, lambda: self.hub.lineage.root)
        self.openings = Openings(self.subscriptions, self.origins, self.strangers)
        self.draining = Draining(self.settings.notify, self.registry.node, self.pool, self._everybody)
        self.hub.followers += [self.documents.access, self.boards, self.pages, self.ephemeral]
        if self.deliveries is not None:
            self.hub.followers.append(self.deliveries)
        if self.relay is not None:
            self.boards.tell_early, self.relay.hear_early = self.relay.tell_early, self.boards.hear_early
            self.documents.presence.over(Moves(self.relay, self.hub))
            self.relay.hear_moved = self.documents.presence.hear_moved
            self.registry.over(self.relay)
            await self.relay.start()
        await self.listener.start()
        chat.open()
        background = self.background
        background.need("listener", self.listener.run)
        background.need("registry", partial(self.registry.run, self.pool))
        background.need("heartbeats", self._heartbeats)
        background.need("boards", self.boards.run)
        background.need("boards of others", self.boards.read_others)
        background.need("pages", self.pages.run)
        background.need("pages of others", self.pages.read_others)
        background.keep("quotas of boards", self.boards.watch_quotas)
        background.keep("presence on documents", self.documents.presence.tell)
        background.keep("presence on documents, stored later", self.documents.presence.store)
        background.keep("presence on documents of others", self.documents.presence.listen)
        background.keep("ephemeral", self.ephemeral.run)
        background.keep("boot limit", self._follow_boot_limit)
        if standbys is not None:
            background.keep("standby", standbys.run)
        if self.relay is not None:
            background.need("relay", self.relay.run)
        if self.deliveries is not None:
            background.keep("deliveries", partial(self.deliveries.run, self.pool))
        try:
            yield
        finally:
            await background.stop()
            await chat.close()
            await self.documents.presence.last_word()
            await asyncio.gather(self.boards.close(LAST_WRITES_SECONDS), self.pages.close(LAST_WRITES_SECONDS))
            await self.registry.last_report(self.pool)
            if self.deliveries is not None:
                await self.deliveries.close()
            self.pool.terminate()

    async def drain(self) -> None:
        """Everybody leaves, or is cut off (draining.py)."""
        window = self.settings.notify.drain_seconds
        await self.draining.announce()
        self.subscriptions.draining = True
        for stranger in self.strangers:
            stranger.close("shutdown")
        with suppress(TimeoutError):
            async with asyncio.timeout(window):
                await self.draining.see_off()
                await self.hub.empty.wait()
                await self.boards.empty.wait()
                await self.pages.empty.wait()
        for stream in self._everybody():
            stream.abort("shutdown")

    def _everybody(self) -> list[Stream]:
        return [*self.hub.streams(), *self.boards.sockets, *self.pages.sockets]

    async def _heartbeats(self) -> None:
        interval = self.settings.notify.heartbeat_seconds
        while True:
            await asyncio.sleep(1)
            now, written = time.time(), 0
            for stream in self.hub.streams():
                written += stream.beat(now, interval)
                if written == BEATS_AT_ONCE:
                    # Streams that opened together have heartbeats together; events go in between.
                    await asyncio.sleep(0)
                    written = 0
            self.hub.forget_the_gone()
            if shared_folder():  # any other worker may be asked for our figures
                self._measure()

    def _measure(self) -> None:
        streams = self.hub.streams()
        metrics.streams.set(len(streams))
        metrics.sockets.set(sum(stream.framing is WEBSOCKET for stream in streams))
        metrics.subscribers.set(len({stream.user_id for stream in streams}))
        metrics.ring_events.set(len(self.hub.ring))
        metrics.ring_bytes.set(self.hub.ring.bytes)
        metrics.queued_bytes.set(sum(stream.queued_bytes() for stream in streams))
        metrics.position.set(self.hub.position)
        metrics.tasks.set(len(asyncio.all_tasks()))

    def _is_crowded(self) -> bool:
        """Whether others wait who matter more than presence and typing."""
        return self.arrivals.waiting > 0 or self.boots.crowded

    async def _follow_boot_limit(self) -> None:
        while True:
            await self._boot_limit_changed.wait()
            self._boot_limit_changed.clear()
            await self.boots.read_anew()

    def _missed(self, seconds: float) -> None:
        self._boot_limit_changed.set()
        self.registry.missed(seconds)
        self.boards.missed()
        self.pages.missed()
        self.documents.presence.start_over()

    def _control(self, text: str) -> None:
        """An operator's notification: `drop NODE STREAM` (see ops.drop_stream), or `boots` (ops.set_boot_limit)."""
        match text.split():
            case [boots.CHANGED]:
                self._boot_limit_changed.set()
            case ["drop", node, number] if node == self.registry.node and number.isascii() and number.isdecimal():
                if (stream := self.registry.open.get(int(number))) is not None:
                    stream.close("dropped")

    # -- routes

    async def events(self, request: Request) -> Response:
        return await open_events(self.subscriptions, request)

    async def socket(self, request: Request) -> Response:
        return await self.sockets.open(request)

    async def board_of_y_websocket(self, request: Request) -> Response:
        return await self.openings.open(request, YWebSocket, self.boards, request.path_params["board_id"])

    async def board_of_json_messages(self, request: Request) -> Response:
        return await self.openings.open(request, JsonMessages, self.boards, request.path_params["board_id"])

    async def boards_of_hocuspocus(self, request: Request) -> Response:
        return await self.openings.open(request, Hocuspocus, self.boards)

    async def page(self, request: Request) -> Response:
        asked = request.query_params.get("pageId", "")
        page_id = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < MOST_DIGITS else 0
        return await self.openings.open(request, PageSocket, self.pages, page_id)

    async def many_pages(self, request: Request) -> Response:
        return await self.openings.open(request, PagesSocket, self.pages)

    async def health(self, request: Request) -> Response:
        """The open streams on this worker."""
        content = {
            "status": "stopping" if self.draining.has_begun else "ok" if self.hub.following else "behind",
            "streams": self.hub.open,
            "boards": {"connections": len(self.boards.sockets), "rooms": len(self.boards.open)},
            "pages": {"connections": len(self.pages.sockets), "rooms": len(self.pages.open)},
        }
        return JSONResponse(content)

    async def live(self, request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    async def ready(self, request: Request) -> Response:
        """Ready: the log is being followed, the database accepts writes, and the server is not stopping."""
        if self.draining.has_begun:
            raise stopping()
        if not self.hub.following:
            raise Problem(503, "not_ready", "The log is not being followed right now.", headers={"Retry-After": "1"})
        if problem := await self.readiness.problem():
            raise problem
        return Response("ok\n", media_type="text/plain")

    async def metrics(self, request: Request) -> Response:
        self._measure()
        self.boards.measure()
        self.pages.measure()
        try:
            async with asyncio.timeout(2):
                health = await LOG_HEALTH.row(self.pool, position=self.hub.position)
                figures = await DATABASE_FIGURES.one(self.pool)
        except Exception as error:  # the figures that need no database are still useful
            log.warning("log health unknown", error=type(error).__name__)
        else:
            if health is not None:
                metrics.lag_events.set(health["events_behind"])
                metrics.notify_queue_usage.set(health["notify_queue_usage"])
            metrics.transaction_seconds.set(_known(figures["transaction_seconds"]))
            metrics.sync_standbys.set(_known(figures["sync_standbys"]))
            metrics.sync_standbys_wanted.set(figures["sync_standbys_wanted"])
        return Response(exposition(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    async def unexpected(self, request: Request, error: Exception) -> Response:
        self.readiness.report(error)
        problem = from_database(error)
        if problem is None:
            log.error("unexpected error", path=path_without_secrets(request.scope["path"]), exc_info=error)
            problem = Problem(500, "internal_error", "An error occurred on the server and has been logged.")
        return refused(problem)


def _known(figure: float | None) -> float:
    return math.nan if figure is None else figure


def _relay(
    settings: Settings, heard: Mapping[str, Callable[[str], None]], missed: Callable[[float], None]
) -> "Relay | None":
    """Its client of NATS is imported only where it is used."""
    if not settings.nats.servers:
        return None
    try:
        from notify_server.relay.relay import Relay
    except ImportError:
        raise SettingsError("nats.servers is set: it needs the extra, pip install 'fechatter[nats]'") from None
    return Relay(settings, heard, missed)


def _deliveries(settings: Settings) -> "Deliveries | None":
    """OpenTelemetry is imported only where traces are sent."""
    spans = spans_of(settings, "notify_server")
    if spans is None:
        return None
    from notify_server.fan_out.deliveries import Deliveries

    return Deliveries(spans)


def build(notify: Notify) -> Starlette:
    routes = [
        Route("/api/notifications/events", notify.events),
        Route("/api/ws", notify.socket),
        Route("/api/boards/yjs/{board_id:int}", notify.board_of_y_websocket),
        Route("/api/boards/json/{board_id:int}", notify.board_of_json_messages),
        Route("/api/boards/hocuspocus", notify.boards_of_hocuspocus),
        Route("/ws", notify.page),
        Route("/api/pages/ws", notify.many_pages),
        Route("/health", notify.health),
        Route("/health/live", notify.live),
        Route("/health/ready", notify.ready),
        Route("/metrics", notify.metrics),
    ]
    for stream in routes[:7]:
        (stream.methods or set()).discard("HEAD")  # a stream has no length or end to report
    # Every origin may read the response, since OriginGuard answers those that may not connect, with the reason.
    cors = Middleware(
        CORSMiddleware,
        allow_origin_regex=".*",
        allow_methods=["GET"],
        allow_headers=["Authorization", "Last-Event-ID", "Acting-For"],
        allow_credentials=False,
        max_age=600,
    )
    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        Problem: refuse,
        **dict.fromkeys(DATABASE_ERRORS, notify.unexpected),
    }
    hot = {route.path: route.endpoint for route in routes[:2]}
    return Starlette(
        routes=routes,
        middleware=[cors, Middleware(OriginGuard, notify.origins), Middleware(Hot, hot, handlers)],
        exception_handlers={**handlers, HTTPException: refuse, Exception: notify.unexpected},
    )
