"""GET /api/notifications/events: from a request to a live stream.

In order: who asks (an access token or a ticket), where they stopped (the cursor), what they may see (known from a
moment ago, or one snapshot), then the opening frames, the replay, and the hub's live frames.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from chat_core.batching import Batcher, BatcherFull
from chat_core.pool import Pool
from chat_core.problems import Problem
from chat_core.queries import query
from chat_core.settings import Settings
from chat_core.tokens import Claims, InvalidToken, Verifier, hash_secret
from notify_server import metrics
from notify_server.events import Cursor, Event, control_frame
from notify_server.hub import Hub, Subscriber
from notify_server.registry import Registry
from notify_server.replay import Replay
from notify_server.stream import NOT_YET, Stream

STREAMS_OPEN = query("streams_open", "users", "sessions")
TICKET_REDEEM = query("ticket_redeem", "hash")
# Users in one snapshot, and how many may wait for the next ones.
SNAPSHOT_USERS = 200
MOST_WAITING = 10_000
# How long a new stream waits for the hub to be where its snapshot is; past that its replay comes from the database.
REACH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """A user who may open a stream; the log begins above `floor` and was at `newest`, as far as is known."""

    subscriber: Subscriber
    floor: int
    newest: int


class Subscriptions:
    """Opens streams; one per server."""

    def __init__(self, settings: Settings, pool: Pool, hub: Hub, verifier: Verifier, registry: Registry) -> None:
        self.settings, self.pool, self.hub = settings, pool, hub
        self.registry = registry
        self.draining = False
        self._verifier = verifier
        self._numbers = itertools.count(1)
        self._snapshots: Batcher[Claims, asyncpg.Record] = Batcher(
            self._read_snapshots, batch=SNAPSHOT_USERS, queue=MOST_WAITING
        )

    async def open(self, request: Request) -> "StreamResponse":
        """The endpoint. Problem 401, 429 or 503; database errors pass through."""
        if self.draining:
            raise Problem(503, "shutting_down", "This server is stopping; connect again.", headers={"Retry-After": "1"})
        claims = await self._authenticate(request)
        asked = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
        known = self._remembered(claims, asked) or await self._load(claims)
        subscriber = known.subscriber
        if len(subscriber.streams) >= self.settings.notify.streams_per_user:
            raise Problem(
                429,
                "too_many_streams",
                "This user has too many open streams; close one.",
                headers={"Retry-After": "5"},
            )
        head = Cursor(self.hub.epoch, max(self.hub.position, subscriber.position))
        reason, cursor = self._resume(asked, known.floor, known.newest, head)
        # A client may be ahead of this server: it then goes live where it is, once the server gets there.
        stream = self._stream(request, claims, NOT_YET if cursor.position < head.position else cursor.position)
        self.hub.add(subscriber, stream)
        return StreamResponse(self, subscriber, stream, reason, cursor)

    def _remembered(self, claims: Claims, asked: str | None) -> Known | None:
        """Somebody whose session and memberships are in memory, with a cursor within the ring: no query is needed."""
        hub, subscriber = self.hub, self.hub.subscribers.get(claims.user_id)
        if subscriber is None or not hub.following or not subscriber.knows(claims.session_id):
            return None
        with suppress(ValueError):
            cursor = Cursor.parse(asked or "")
            if cursor.epoch == hub.epoch and not hub.ring.floor <= cursor.position <= hub.position:
                return None
        return Known(subscriber, hub.ring.floor, hub.position)

    async def _load(self, claims: Claims) -> Known:
        seen = self.hub.arrive(claims.user_id)
        try:
            epoch = None
            while epoch != self.hub.epoch:  # a snapshot of the history before is of no use
                epoch = self.hub.epoch
                snapshot = await self._snapshot(claims)
            if snapshot["good_until"] is None or _revoked(claims, seen):
                raise _unauthorized("the session has ended")
            subscriber = self.hub.subscribe(
                claims.user_id, snapshot["head"], snapshot["chats"], snapshot["workspaces"], seen
            )
            subscriber.remember(claims.session_id, snapshot["good_until"])
        finally:
            self.hub.arrived(claims.user_id, seen)
        with suppress(TimeoutError):
            async with asyncio.timeout(REACH_SECONDS):
                await self.hub.reach(snapshot["head"])
        if self.hub.subscribers.get(claims.user_id) is not subscriber or claims.session_id not in subscriber.sessions:
            return await self._load(claims)  # the history or the session has ended meanwhile
        return Known(subscriber, snapshot["floor"], snapshot["head"])

    async def _snapshot(self, claims: Claims) -> asyncpg.Record:
        try:
            return await self._snapshots.submit(claims)
        except BatcherFull:
            raise Problem(
                503, "overloaded", "Too many streams are being opened; try again shortly.", headers={"Retry-After": "1"}
            ) from None

    async def _read_snapshots(self, asking: list[Claims]) -> Sequence[asyncpg.Record]:
        rows = await STREAMS_OPEN.rows(
            self.pool,
            users=[claims.user_id for claims in asking],
            sessions=[claims.session_id for claims in asking],
        )
        if not rows:
            raise Problem(503, "log_missing", "The event log has not been started: run `fechatter migrate up`.")
        return rows

    async def _authenticate(self, request: Request) -> Claims:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            try:
                return self._verifier.verify(token.strip())
            except InvalidToken as error:
                raise _unauthorized(str(error)) from error
        ticket = request.query_params.get("ticket")
        if not ticket:
            raise _unauthorized("send an access token as `Authorization: Bearer`, or a ticket as `?ticket=`")
        redeemed = await TICKET_REDEEM.row(self.pool, hash=hash_secret(ticket))
        if redeemed is None:
            raise _unauthorized("the ticket is unknown, used or too old")
        claims = Claims(redeemed["user_id"], redeemed["session_id"], redeemed["expires_at"])
        if claims.expires_at <= time.time():
            raise _unauthorized("the access token behind the ticket has expired")
        return claims

    def _resume(self, asked: str | None, floor: int, newest: int, head: Cursor) -> tuple[str | None, Cursor]:
        """Where the stream starts, and why not where the client asked."""
        if not asked:
            return None, head
        try:
            cursor = Cursor.parse(asked)
        except ValueError:
            return "malformed", head
        if cursor.epoch != head.epoch:
            return "epoch_changed", head
        if cursor.position > max(newest, head.position):
            return "future", head
        if cursor.position < floor:
            return "retention", head
        if head.position - cursor.position > self.settings.notify.replay_max_events:
            return "too_far_behind", head
        return None, cursor

    def _stream(self, request: Request, claims: Claims, start: int) -> Stream:
        transport: asyncio.Transport = request.scope["extensions"]["fechatter.connection"]["protocol"].transport
        return Stream(
            number=next(self._numbers),
            user_id=claims.user_id,
            session_id=claims.session_id,
            expires_at=claims.expires_at,
            address=request.client.host if request.client else "",
            transport=transport,
            buffer_bytes=self.settings.notify.buffer_bytes,
            start=start,
        )


class StreamResponse(EventSourceResponse):
    """The face of a stream, until it is live. It pings by the hub's clock and drains by the server's, so sse-starlette
    does neither."""

    def __init__(
        self, subscriptions: Subscriptions, subscriber: Subscriber, stream: Stream, reset: str | None, cursor: Cursor
    ) -> None:
        super().__init__(self._frames(), ping=0)
        self._subscriptions, self._subscriber, self._stream = subscriptions, subscriber, stream
        self._reset, self._cursor = reset, cursor
        self._replayed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream, hub, registry = self._stream, self._subscriptions.hub, self._subscriptions.registry

        def forget() -> None:
            registry.closed(stream)
            hub.remove(self._subscriber, stream)

        async def send_without_end(message: Message) -> None:
            """The body goes on when the opening is through, so its end is not sent."""
            if message["type"] == "http.response.body" and not message.get("more_body") and not stream.reason:
                self._replayed = True
            else:
                await send(message)

        stream.forget = forget
        registry.opened(stream)
        metrics.opened.inc()
        try:
            await super().__call__(scope, receive, send_without_end)
        except BaseException:
            stream.over()
            raise
        protocol = scope["extensions"].pop("fechatter.connection")["protocol"]
        if self._replayed and not stream.reason and protocol.hand_over(stream):
            stream.go_live()
            return
        if self._replayed:  # it was ended in the very last moment
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        stream.over()

    async def _frames(self) -> AsyncIterator[bytes]:
        stream, settings = self._stream, self._subscriptions.settings.notify
        if self._reset is not None:
            metrics.resets.labels(self._reset).inc()
            yield control_frame(self._cursor, "reset", {"reason": self._reset})
        about: dict[str, object] = {"user_id": stream.user_id, "heartbeat_seconds": settings.heartbeat_seconds}
        yield control_frame(self._cursor, "ready", about, retry_milliseconds=settings.retry_milliseconds)
        if self._cursor.position < stream.start:
            replay = Replay(
                self._subscriptions.pool,
                self._subscriptions.hub,
                self._subscriber,
                stream,
                self._cursor.epoch,
                self._cursor.position,
            )
            async for page in replay.frames():
                yield page


def _revoked(claims: Claims, seen: list[Event]) -> bool:
    return any(event.session_id == claims.session_id for event in seen)


def _unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="fechatter"'})
