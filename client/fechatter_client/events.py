"""The events of an account (docs/events.md): in order, each once, over as many connections as it takes."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from typing import Any, Self

import httpx
import httpx_sse
import msgspec

from fechatter_client.api import Api
from fechatter_client.connection import Connection
from fechatter_client.errors import Problem, Unintelligible, Unreachable
from fechatter_client.http import PASSING
from fechatter_client.models import Model
from fechatter_client.models.events import EPHEMERAL, KINDS, Ready
from fechatter_client.models.sync import Snapshot
from fechatter_client.session import Tokens

# How long to wait before the next connection, until the server says otherwise (`retry:`), and at most.
RETRY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 30.0
# Heartbeats come after `heartbeat_seconds` of silence, looked for once a second: two of them missing is an end.
HEARTBEATS_MISSED, GRACE_SECONDS = 2, 3.0

log = logging.getLogger("fechatter_client")


class Event(msgspec.Struct, frozen=True):
    """`data` is a model named as the `kind`, and plain JSON for a kind that this version does not know. `cursor` is
    what to give to `Client.events` to go on after it.

    Besides the kinds of docs/events.md there is `Snapshot`: forget all, and begin from it; it stands in for `reset`.
    `ready` comes with each new connection.
    """

    kind: str
    data: Any
    cursor: str


class Events:
    """`async for event in client.events()`. It waits and reconnects for as long as it takes, and ends by SignInNeeded
    when the session has ended, or by Problem when the server refuses for another reason that lasts.

    Cancelling a wait (asyncio.timeout) loses nothing: the next one goes on after the last event.
    """

    def __init__(self, api: Api, notify_url: str, cursor: str | None, *, snapshot: bool) -> None:
        self._api, self._notify_url = api, notify_url
        self._cursor, self._snapshot_due = cursor, snapshot
        self._retry_seconds, self._failures, self._wait_until = RETRY_SECONDS, 0, 0.0
        self._connection: Connection | None = None
        self._frames: AsyncIterator[httpx_sse.ServerSentEvent]
        self._tokens: Tokens | None = None
        self._closed = False

    @property
    def cursor(self) -> str | None:
        """Where it stands: that of the last event, or the one it began with."""
        return self._cursor

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._closed:
            try:
                if (event := await self._next()) is not None:
                    return event
            except BaseException as error:
                await self._disconnect()
                self._give_up_or_wait(error)
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self._closed = True
        await self._disconnect()

    async def _next(self) -> Event | None:
        """One step: a snapshot, or a frame, for which it connects. None: there is nothing to tell of it."""
        await asyncio.sleep(max(0.0, self._wait_until - time.monotonic()))
        if self._snapshot_due:
            snapshot = await self._api.get(Snapshot, "/sync")
            self._snapshot_due, self._cursor = False, snapshot.cursor
            return Event("Snapshot", snapshot, snapshot.cursor)
        if self._connection is None:
            self._connection = await self._connect()
        try:
            frame = await anext(self._frames)
        except StopAsyncIteration:
            await self._disconnect()
            if self._tokens and not self._api.session.is_over(
                self._tokens
            ):  # else it has ended with its token, and the next is there
                self._delay()
            return None
        if frame.retry is not None:
            self._retry_seconds = frame.retry / 1000
        return await self._take(frame) if frame.data else None

    async def _connect(self) -> Connection:
        session = self._api.session
        tokens = self._tokens = await session.tokens()
        try:
            return await self._open(tokens.access)
        except Problem as problem:
            if problem.status != 401:
                raise
        tokens = self._tokens = await session.renew(tokens)
        return await self._open(tokens.access)

    async def _open(self, token: str) -> Connection:
        connection = Connection(self._api.http.client, self._notify_url, self._api.http.timeout_seconds)
        try:
            self._frames = await connection.open(token, self._cursor)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _disconnect(self) -> None:
        if connection := self._connection:
            self._connection = None
            await connection.close()

    async def _take(self, frame: httpx_sse.ServerSentEvent) -> Event | None:
        if frame.event == "reset":
            await self._disconnect()
            self._snapshot_due = True
            if self._failures:  # one reset after the other
                self._delay()
            self._failures += 1
            return None
        known = Ready if frame.event == "ready" else KINDS.get(frame.event) or EPHEMERAL.get(frame.event)
        new = _is_after(frame.id, self._cursor)
        if frame.event in KINDS and not new:
            return None
        data = _decoded(frame, known)
        if new:  # a frame without an id of its own, and so outside the log, comes with the one before it
            self._cursor = frame.id
        if isinstance(data, Ready):
            self._failures = 0
            if self._connection:
                self._connection.silence_seconds = HEARTBEATS_MISSED * data.heartbeat_seconds + GRACE_SECONDS
        return Event(frame.event, data, self._cursor or "")

    def _give_up_or_wait(self, error: BaseException) -> None:
        """Raises what does not pass by itself."""
        if isinstance(error, httpx.TransportError | TimeoutError | Unreachable):
            log.warning("the event stream is lost (%s): reconnecting", type(error).__name__)
            self._delay()
        elif isinstance(error, Problem) and (error.status in PASSING or error.status >= 500):
            log.warning("the event stream is refused for now (%s): reconnecting", error)
            self._delay(error.retry_after_seconds or 0.0)
        else:
            raise error

    def _delay(self, at_least: float = 0.0) -> None:
        """As long as the server has asked for; longer each time that it fails, and never all clients at once."""
        longer = min(LONGEST_DELAY_SECONDS, self._retry_seconds * 2.0 ** min(self._failures, 16))
        seconds = max(self._retry_seconds, longer, at_least) * random.uniform(1, 1.5)
        self._failures += 1
        self._wait_until = time.monotonic() + seconds


def _is_after(cursor: str, last: str | None) -> bool:
    """Whether an event is new. A server tells none twice; something between it and us might."""
    epoch, _, position = cursor.partition(".")
    last_epoch, _, last_position = (last or "").partition(".")
    return bool(cursor) and (epoch != last_epoch or int(position) > int(last_position))


def _decoded(frame: httpx_sse.ServerSentEvent, model: type[Model] | None) -> Any:
    try:
        return msgspec.json.decode(frame.data, type=Any if model is None else model)
    except msgspec.DecodeError as error:
        raise Unintelligible(f"event {frame.event} at {frame.id}: {error}") from error
