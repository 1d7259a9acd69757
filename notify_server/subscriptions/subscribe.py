"""From a request to a live stream, whatever its transport (sse.py, websocket.py).

In order: the user (an access token or a ticket), the cursor, the user's access (cached from a moment ago, or one
snapshot), then the opening frames, the replay, and the hub's live frames.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg
from starlette.requests import Request

from chat_core.batching import Batcher, BatcherFull
from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.database.standby import Standbys
from chat_core.http.addresses import client_address
from chat_core.load.boots import Boots
from chat_core.log.audience import Places
from chat_core.log.cursor import Cursor
from chat_core.log.event import Event
from chat_core.log.strict import NotReplicated, Strict
from chat_core.log.within import Within
from chat_core.personal_tokens import PREFIX, Scope, is_well_formed
from chat_core.problems import Problem, insufficient_scope, soon
from chat_core.settings import Settings
from chat_core.tokens import Claims, InvalidToken, Verifier, hash_secret
from notify_server import metrics
from notify_server.fan_out.deputies import Deputy
from notify_server.fan_out.hub import Hub, Subscriber
from notify_server.presence.registry import Registry
from notify_server.streams.stream import Stream
from notify_server.subscriptions.replay import Replay
from notify_server.subscriptions.strangers import Strangers

STREAMS_OPEN = query("streams_open", "users", "sessions")
TICKET_REDEEM = query("ticket_redeem", "hash")
TOKEN_USE = query("token_use", "hash")
PLACES = ("chats", "documents", "workspaces")
# Users in one snapshot, and how many may wait for the next ones. A query costs as much as thirty users in it, so those
# who arrive within a few milliseconds share one; a user who comes alone does not wait.
SNAPSHOT_USERS = 200
MOST_WAITING = 10_000
SNAPSHOTS_APART_SECONDS = 0.005
# How long a new stream waits for the hub to reach its snapshot; after that its replay comes from the database.
REACH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """A user who may open a stream; the log begins above `floor`. `access` is what is known of theirs at its position:
    the subscriber itself, unless the hub is behind the snapshot that they were let in by."""

    subscriber: Subscriber
    access: Subscriber
    floor: int


class Subscriptions:
    """Opens streams; one per server."""

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        hub: Hub,
        verifier: Verifier,
        registry: Registry,
        boots: Boots,
        standbys: Standbys | None = None,
    ) -> None:
        self.settings, self.pool, self.hub, self.standbys = settings, pool, hub, standbys
        self.registry, self.boots = registry, boots
        self.draining = False
        self._verifier = verifier
        self._strict = Strict(settings.database)
        self._strangers = Strangers(settings.limits)
        self._numbers = itertools.count(1)
        self._snapshots: Batcher[Claims, asyncpg.Record] = Batcher(
            self._read_snapshots, batch=SNAPSHOT_USERS, queue=MOST_WAITING, apart_seconds=SNAPSHOTS_APART_SECONDS
        )

    @property
    def waiting(self) -> int:
        """How many wait for their snapshot."""
        return self._snapshots.waiting

    def refuse_when_draining(self) -> None:
        """Raises Problem 503 if the server is stopping."""
        if self.draining:
            raise stopping()

    def next_number(self) -> int:
        return next(self._numbers)

    async def subscribe(self, stream: Stream, claims: Claims, asked: str | None) -> "Opening":
        """Gives a stream its place in the hub, until `stream.over` is called. Raises Problem 401, 429 or 503;
        database errors pass through."""
        if self.is_cold(asked):
            await self.boots.admit(claims.user_id)
        known = await self._known(claims, asked)
        subscriber = known.subscriber
        if len(subscriber.streams) >= self.settings.notify.streams_per_user:
            raise too_many_streams()
        return self.begin(stream, subscriber, known.access, asked, known.floor)

    def begin(
        self,
        stream: Stream,
        viewer: Subscriber | Deputy,
        access: Subscriber | Deputy,
        asked: str | None,
        floor: int,
    ) -> "Opening":
        """Gives a stream its place, as one of a viewer's."""
        head = Cursor(self.hub.epoch, max(self.hub.position, access.position))
        reset, cursor = self._resume(asked, floor, head)
        if cursor.position >= head.position:
            # A client may be ahead of this server: its stream goes live at its cursor, once the server gets there.
            stream.start = cursor.position
        self._add(viewer, stream)
        return Opening(self, viewer, access, stream, reset, cursor)

    def is_cold(self, asked: str | None) -> bool:
        """Whether what was missed is read from the database, since the ring does not reach back to it."""
        with suppress(ValueError):
            cursor, hub = Cursor.parse(asked or ""), self.hub
            behind = hub.position - cursor.position
            return (
                hub.lineage.has(cursor)
                and cursor.position < hub.ring.floor
                and behind <= self.settings.notify.replay_max_events  # else it gets a reset
            )
        return False

    async def _known(self, claims: Claims, asked: str | None) -> Known:
        """The user; of one with a bound token, also which of their places are in its workspace."""
        while True:
            known = self._remembered(claims, asked) or await self._load(claims)
            if claims.workspace_id is None:
                return known
            subscriber = known.subscriber
            # From here on it learns from events.
            within = subscriber.within.setdefault(claims.workspace_id, Within(claims.workspace_id))
            for places in (subscriber.member_of, known.access.member_of):
                await within.look_up(self.pool, subscriber.user_id, places.chats, places.documents)
            if self.hub.subscribers.get(claims.user_id) is subscriber and subscriber.knows(claims.session_id):
                return known

    def _add(self, subscriber: Subscriber | Deputy, stream: Stream) -> None:
        def forget() -> None:
            self.registry.closed(stream)
            self.hub.remove(subscriber, stream)

        stream.forget = forget
        self.hub.add(subscriber, stream)
        self.registry.opened(stream)
        metrics.opened.labels(stream.framing.name).inc()

    async def recognise(self, claims: Claims) -> None:
        """Raises Problem 401 unless the session, of a user who has a stream here, is valid; database errors pass
        through."""
        if self._remembered(claims, None) is None:
            await self._load(claims)

    def _remembered(self, claims: Claims, asked: str | None) -> Known | None:
        """A user whose session and memberships are in memory, with a cursor within the ring: no query is needed."""
        hub, subscriber = self.hub, self.hub.subscribers.get(claims.user_id)
        if subscriber is None or not hub.following or not subscriber.knows(claims.session_id):
            return None
        with suppress(ValueError):
            cursor = Cursor.parse(asked or "")
            if hub.lineage.has(cursor) and not hub.ring.floor <= cursor.position <= hub.position:
                return None
        return Known(subscriber, subscriber, hub.ring.floor)

    async def _load(self, claims: Claims) -> Known:
        seen = self.hub.arrive(claims.user_id)
        try:
            snapshot = await self._snapshot(claims)
            if snapshot["epoch"] != self.hub.epoch:
                await self.reach_epoch(snapshot["epoch"])
                return await self._load(claims)  # a snapshot of another history is useless
            if snapshot["good_until"] is None or _revoked(claims, seen):
                raise _unauthorized("the session has ended")
            subscriber = self.hub.subscribe(claims.user_id, snapshot["head"], *_access(snapshot), seen)
            subscriber.remember(claims.session_id, snapshot["good_until"])
        finally:
            self.hub.arrived(claims.user_id, seen)
        if self.hub.position < snapshot["head"]:
            with suppress(TimeoutError):
                async with asyncio.timeout(REACH_SECONDS):
                    await self.hub.reach(snapshot["head"])
        if self.hub.subscribers.get(claims.user_id) is not subscriber or claims.session_id not in subscriber.sessions:
            return await self._load(claims)  # the history or the session has ended meanwhile
        if max(self.hub.position, subscriber.position) >= snapshot["head"]:
            return Known(subscriber, subscriber, snapshot["floor"])
        # They were known here before, as of a position that the log has left behind.
        access = Subscriber(claims.user_id, snapshot["head"], *_access(snapshot))
        access.within = subscriber.within
        return Known(subscriber, access, snapshot["floor"])

    async def reach_epoch(self, epoch: str) -> None:
        """Waits until the hub is in this epoch. Raises Problem 503 if that does not come: a connection of the pool may
        be to a database that was failed over from."""
        try:
            async with asyncio.timeout(REACH_SECONDS):
                await self.hub.reach_epoch(epoch)
        except TimeoutError:
            detail = "The database is failing over; reconnect."
            raise Problem(503, "epoch_changing", detail, headers={"Retry-After": "1"}) from None

    async def _snapshot(self, claims: Claims) -> asyncpg.Record:
        try:
            return await self._snapshots.submit(claims)
        except BatcherFull:
            raise Problem(
                503, "overloaded", "Too many streams are being opened; try again.", headers={"Retry-After": soon()}
            ) from None

    async def _read_snapshots(self, asking: list[Claims]) -> Sequence[asyncpg.Record]:
        async with self.reading() as source:
            rows = await STREAMS_OPEN.rows(
                source,
                users=[claims.user_id for claims in asking],
                sessions=[claims.session_id for claims in asking],
            )
        if not rows:
            raise Problem(503, "log_missing", "The event log has not been started: run `fechatter migrate up`.")
        return rows

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection | Pool]:
        """What to read with who sees what. With strict delivery a stream begins only once the standbys have what has
        been read. Raises Problem 503 if that takes long."""
        try:
            async with self._strict.reading(self.pool) as source:
                yield source
        except NotReplicated:
            detail = "No synchronous standby has the newest events; reconnect."
            raise Problem(503, "not_replicated", detail, headers={"Retry-After": "1"}) from None

    async def authenticate(self, request: Request, scope: Scope) -> Claims:
        """The user, from the header or a ticket, which is marked as used. Raises Problem 401, 429 after many that
        were unknown, and 403 for a personal access token without the scope; database errors pass through."""
        if (token := bearer(request)) is not None:
            return await self.accept(token, scope, request)
        ticket = request.query_params.get("ticket")
        if not ticket:
            raise _unauthorized("send an access token as `Authorization: Bearer`, or a ticket as `?ticket=`")
        with self._strangers.looked_up(self.address(request)):
            redeemed = await TICKET_REDEEM.row(self.pool, hash=hash_secret(ticket))
            if redeemed is None:
                raise _unauthorized("the ticket is unknown, used or expired")
        claims = Claims(redeemed["user_id"], redeemed["session_id"], redeemed["expires_at"])
        if claims.expires_at <= time.time():
            raise _unauthorized("the access token behind the ticket has expired")
        return claims

    async def accept(self, token: str, scope: Scope, request: Request) -> Claims:
        """The user of a token that came with the request, of either kind. Raises the same as `authenticate`."""
        if not token.startswith(PREFIX):
            return self.verify(token)
        ended = _unauthorized("the personal access token has ended, or never was one")
        if not is_well_formed(token):
            raise ended
        with self._strangers.looked_up(self.address(request)):
            found = await TOKEN_USE.row(self.pool, hash=hash_secret(token))
            if found is None:
                raise ended
        scopes = frozenset(found["scopes"])
        if scope not in scopes:
            raise insufficient_scope(scope)
        return Claims(found["user_id"], found["session_id"], found["expires_at"], scopes, found["workspace_id"])

    def address(self, request: Request) -> str:
        """The client's address, behind trusted proxies."""
        peer = request.client.host if request.client else ""
        return client_address(peer, request.headers.getlist("x-forwarded-for"), self.settings.server.trusted_proxies)

    def verify(self, token: str) -> Claims:
        """Raises Problem 401 unless the access token is valid. A personal one comes with the request, never in a
        frame: whoever has one can set headers, and frames are read without waiting for the database."""
        if token.startswith(PREFIX):
            raise _unauthorized("send a personal access token as `Authorization: Bearer`")
        try:
            return self._verifier.verify(token)
        except InvalidToken as error:
            raise _unauthorized(str(error)) from error

    def _resume(self, asked: str | None, floor: int, head: Cursor) -> "tuple[Reset | None, Cursor]":
        """Where the stream starts, and why not at the client's cursor."""
        if not asked:
            return None, head
        try:
            cursor = Cursor.parse(asked)
        except ValueError:
            return Reset("malformed"), head
        if not self.hub.lineage.has(cursor):
            last = self.hub.lineage.last(cursor.epoch)
            return Reset("epoch_changed") if last is None else Reset("lost", Cursor(cursor.epoch, last)), head
        if cursor.position > head.position:
            return Reset("future"), head
        if cursor.position < floor:
            return Reset("retention"), head
        if head.position - cursor.position > self.settings.notify.replay_max_events:
            return Reset("too_far_behind"), head
        return None, Cursor(head.epoch, cursor.position)


@dataclass(frozen=True, slots=True)
class Reset:
    """Why a stream does not start at its client's cursor. `last`: what is above it is lost."""

    reason: str
    last: Cursor | None = None

    def told(self) -> dict[str, object]:
        return {"reason": self.reason} if self.last is None else {"reason": self.reason, "last": str(self.last)}


@dataclass(frozen=True, slots=True)
class Opening:
    """A stream that has its place in the hub and is about to go live. `reset` is why it does not start at the
    client's cursor, `cursor` where it starts. `access` is as in `Known`."""

    subscriptions: Subscriptions
    subscriber: Subscriber | Deputy
    access: Subscriber | Deputy
    stream: Stream
    reset: Reset | None
    cursor: Cursor

    async def deliver(self) -> None:
        """Sends the opening frames and what was missed. Then the stream is live, or has ended. Database errors pass
        through."""
        async for frames in self.frames():
            if not await self.stream.carry(frames):
                return
        if not self.stream.reason:
            self.stream.go_live()

    async def frames(self) -> AsyncIterator[bytes]:
        """The opening frames, and what was missed, a page at a time; the stream may go live when this ends."""
        stream, settings = self.stream, self.subscriptions.settings.notify
        if self.reset is not None:
            metrics.resets.labels(self.reset.reason).inc()
            yield stream.framing.control(self.cursor, "reset", self.reset.told())
        about: dict[str, object] = {"user_id": stream.user_id, "heartbeat_seconds": settings.heartbeat_seconds}
        if isinstance(self.subscriber, Deputy):
            about["acting_for"] = self.subscriber.user_id
        yield stream.framing.control(self.cursor, "ready", about, retry_milliseconds=settings.retry_milliseconds)
        if self.cursor.position < stream.start:
            replay = Replay(
                self.subscriptions.pool,
                self.subscriptions.standbys,
                self.subscriptions.boots,
                self.subscriptions.hub,
                self.subscriber,
                self.access,
                stream,
                self.cursor.position,
            )
            async for page in replay.frames():
                yield page


def stopping() -> Problem:
    headers = {"Retry-After": soon()}
    return Problem(503, "shutting_down", "This server is stopping; reconnect.", headers=headers)


def too_many_streams() -> Problem:
    detail = "This user has too many open streams; close one."
    return Problem(429, "too_many_streams", detail, headers={"Retry-After": "5"})


def bearer(request: Request) -> str | None:
    """The token of the Authorization header, which may be empty."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _access(snapshot: asyncpg.Record) -> tuple[Places[int], Places[int]]:
    """What the user is a member of, and what they administer."""
    return (
        Places(*(dict.fromkeys(snapshot[places], 0) for places in PLACES)),
        Places(*(dict.fromkeys(snapshot[f"administered_{places}"], 0) for places in PLACES)),
    )


def _revoked(claims: Claims, seen: list[Event]) -> bool:
    return any(event.session_id == claims.session_id for event in seen)


def _unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="fechatter"'})
