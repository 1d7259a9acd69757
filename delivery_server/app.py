"""The process's parts, its background tasks, and the routes of its health and metrics."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chat_core.database.pool import Pool, open_pool
from chat_core.database.readiness import Readiness
from chat_core.http.problem_responses import problem_of, response_of
from chat_core.log.event import Event
from chat_core.log.lineage import Lineage
from chat_core.log.reader import Reader
from chat_core.log.strict import Strict
from chat_core.outgoing.guarded import Guarded
from chat_core.problems import DATABASE_ERRORS, Problem
from chat_core.process.background import Background
from chat_core.process.metrics import CONTENT_TYPE_LATEST, exposition
from chat_core.settings import Settings
from delivery_server import metrics
from delivery_server.pushes.pushes import Pushes
from delivery_server.share import Share, node_name
from delivery_server.sinks.sinks import Sinks, check_sinks
from delivery_server.slots import AT_A_TIME, Slots
from delivery_server.webhook import Webhook
from delivery_server.work import Reading
from delivery_server.worker import Worker

CHANNEL = "fechatter_subscriptions"
OF_SINKS = "fechatter_sinks"
AGENT = "Fechatter (webhooks)"
RETRY_SECONDS = 1.0

log = structlog.get_logger()


class Delivery:
    """One delivery_server, from its start to its stop. Raises SettingsError for sinks that it cannot send to."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        check_sinks(settings)
        self.background = Background(metrics.crashes)
        self.draining = False
        self.following = False
        self.client = Guarded(AGENT, settings.integrations.allow_hosts, connections=AT_A_TIME)
        self.slots = Slots()
        self.webhook = Webhook(self.client, settings.delivery.answer_seconds)
        self.pool: Pool
        self.readiness: Readiness
        self.share: Share
        self.sinks: Sinks
        self.pushes = Pushes(settings)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connected to the database, and at work. Raises what the first connect raises."""
        self.pool = await open_pool(self.settings.database, "fechatter delivery")
        self.readiness = Readiness(self.pool)
        node = node_name()
        self.share = Share(node, self.pool, self.settings.delivery.lease_seconds, self._hire)
        self.strict = Strict(self.settings.database)
        self.sinks = Sinks(self.settings, node, self.pool, self.strict)
        self.background.need("share", self.share.run)
        if self.pushes:
            self.background.keep("pushes", partial(self.pushes.run, self.pool))
        if self.sinks:
            self.background.need("sinks", self.sinks.run)
        self.background.need("log", self._follow_while_needed)
        try:
            yield
        finally:
            await self.background.stop()
            await self.client.close()
            self.pool.terminate()

    async def drain(self) -> None:
        self.draining = True
        seconds = self.settings.delivery.drain_seconds
        await asyncio.gather(self.share.stop(seconds), self.pushes.stop(seconds), self.sinks.stop(seconds))

    def _hire(self, subscription_id: int, generation: int) -> Worker:
        reading = Reading(self.pool, subscription_id, self.strict)
        return Worker(subscription_id, generation, self.pool, self.settings.delivery, reading, self.webhook, self.slots)

    async def _follow_while_needed(self) -> None:
        """Without a subscription and sinks nobody reads the log."""
        while True:
            if not self.sinks:
                await self.share.staffed.wait()
            following = asyncio.create_task(self._follow(), name="reader")
            never = asyncio.Event()
            gone = asyncio.create_task((never if self.sinks else self.share.unstaffed).wait(), name="no subscription")
            try:
                await asyncio.wait((following, gone), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (following, gone):
                    task.cancel()
                ended, _ = await asyncio.gather(following, gone, return_exceptions=True)
                self.following = False
            if isinstance(ended, Exception):
                if not isinstance(ended, DATABASE_ERRORS):
                    raise ended
                log.warning("the log cannot be followed", error=f"{type(ended).__name__}: {ended}")
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        reader = Reader(
            self.settings.database,
            "fechatter delivery log",
            self.settings.delivery.poll_seconds,
            {CHANNEL: self.share.changed, OF_SINKS: self.sinks.changed},
        )
        try:
            await reader.start(0, 1)
            self.caught_up()
            self._wake_all()
            await reader.run(self)
        finally:
            reader.close()

    # -- as a consumer of the log

    async def take(self, events: list[Event], *, more: bool) -> None:
        self.share.hear(events)
        self.sinks.hear(events)
        metrics.position.set(events[-1].position)

    def begin_anew(self, lineage: Lineage, position: int) -> None:
        self._wake_all()

    def go_on(self, lineage: Lineage, position: int) -> None:
        self._wake_all()

    def caught_up(self) -> None:
        self.following = True

    def lost(self) -> None:
        self.following = False

    def back(self, silent_seconds: float) -> None:
        self._wake_all()

    def _wake_all(self) -> None:
        """Something may have been missed."""
        self.share.wake_all()
        self.sinks.wake_all()

    # -- routes

    async def health(self, request: Request) -> Response:
        """How many subscriptions this worker works for, and how many sinks its settings name."""
        idle = not len(self.share) and not self.sinks
        status = "stopping" if self.draining else "ok" if self.following or idle else "behind"
        return JSONResponse({"status": status, "subscriptions": len(self.share), "sinks": len(self.sinks)})

    async def live(self, request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    async def ready(self, request: Request) -> Response:
        """Ready: it follows the log if it has to, the database accepts writes, and it is not stopping."""
        if self.draining or ((len(self.share) or self.sinks) and not self.following):
            raise Problem(503, "not_ready", "The log is not being followed right now.", headers={"Retry-After": "1"})
        if problem := await self.readiness.problem():
            raise problem
        return Response("ok\n", media_type="text/plain")

    async def metrics(self, request: Request) -> Response:
        return Response(exposition(REGISTRY), media_type=CONTENT_TYPE_LATEST)


def build(delivery: Delivery) -> Starlette:
    return Starlette(
        routes=[
            Route("/health", delivery.health),
            Route("/health/live", delivery.live),
            Route("/health/ready", delivery.ready),
            Route("/metrics", delivery.metrics),
        ],
        exception_handlers={Problem: _refuse, HTTPException: _refuse},
    )


async def _refuse(request: Request, error: Exception) -> Response:
    return response_of(error if isinstance(error, Problem) else problem_of(error))
