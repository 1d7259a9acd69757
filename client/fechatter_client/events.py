"""The events of an account (docs/events.md): in order, each once, over any number of connections."""

import asyncio
import logging
import random
import time
from typing import Any, Self

import msgspec

from .api import Api
from .errors import Problem, Unintelligible, Unreachable
from .http import PASSING
from .models import Model
from .models.events import EPHEMERAL, KINDS
from .models.events.messages import MessageDeleted, MessageUpdated
from .models.events.streams import Ready
from .models.sync import Snapshot
from .stream import Frame, Stream, open_stream

# The delay before the next connection, until the server sets it (`retry:`), and its maximum.
RETRY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 30.0

log = logging.getLogger("fechatter_client")


class Event(msgspec.Struct, frozen=True):
    """`data` is a model named as the `kind`, and plain JSON for a kind that this version does not know. Pass `cursor`
    to `Client.events` to continue after it.

    Besides the kinds of docs/events.md there is `Snapshot`, instead of `reset`: discard everything, and start from it.
    `ready` comes with each new connection.
    """

    kind: str
    data: Any
    cursor: str


class Reset(msgspec.Struct):
    reason: str = ""


class Events:
    """`async for event in client.events()`. It waits and reconnects as long as necessary. It ends with SignInNeeded
    when the session has ended, or with Problem when the server refuses for another lasting reason. If a failover of the
    server's database has lost something that was seen here, it posts the client's own newest messages again, once each,
    but for those that have been deleted or edited since.

    Cancelling a wait (asyncio.timeout) loses nothing: the next one continues after the last event.
    """

    def __init__(self, api: Api, notify_url: str, cursor: str | None, *, snapshot: bool) -> None:
        self._api, self._notify_url = api, notify_url
        self._cursor, self._snapshot_due = cursor, snapshot
        self._home: int | None = None
        self._retry_seconds, self._failures, self._wait_until = RETRY_SECONDS, 0, 0.0
        self._stream: Stream | None = None
        # A failover has lost events that were seen here, and perhaps own messages.
        self._lost = False
        self._closed = False

    @property
    def cursor(self) -> str | None:
        """Its position: the cursor of the last event, or the initial one."""
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
        """One step: a snapshot, or a frame, connecting if necessary. None: nothing to report."""
        await asyncio.sleep(max(0.0, self._wait_until - time.monotonic()))
        if self._lost:
            await self._api.put_back()
            self._lost = False
        if self._snapshot_due:
            snapshot = await self._api.get(Snapshot, "/sync")
            self._snapshot_due, self._cursor = False, snapshot.cursor
            # The oldest, which stays the same and is most colleagues', too.
            self._home = min((workspace.id for workspace in snapshot.workspaces), default=None)
            return Event("Snapshot", snapshot, snapshot.cursor)
        if self._stream is None:
            self._stream = await open_stream(self._api, self._notify_url, self._cursor, self._home)
        stream = self._stream
        try:
            frame = await anext(stream)
        except StopAsyncIteration:
            await self._disconnect()
            if not self._api.session.is_over(
                stream.token
            ):  # else it has ended with its token, and the next one is available
                self._delay()
            return None
        return await self._take(frame)

    async def _disconnect(self) -> None:
        if stream := self._stream:
            self._stream = None
            if stream.retry_seconds is not None:
                self._retry_seconds = stream.retry_seconds
            await stream.aclose()

    async def _take(self, frame: Frame) -> Event | None:
        if frame.kind == "reset":
            await self._disconnect()
            self._snapshot_due = True
            self._lost = self._lost or msgspec.json.decode(frame.data, type=Reset).reason == "lost"
            if self._failures:  # one reset after the other
                self._delay()
            self._failures += 1
            return None
        known = Ready if frame.kind == "ready" else KINDS.get(frame.kind) or EPHEMERAL.get(frame.kind)
        new = _is_after(frame.cursor, self._cursor)
        if frame.kind in KINDS and not new:
            return None
        data = _decoded(frame, known)
        if new:  # a frame without its own id is not part of the log and repeats the id before it
            self._cursor = frame.cursor
        if isinstance(data, Ready):
            self._failures = 0
        elif isinstance(data, MessageDeleted | MessageUpdated):
            self._api.forget(data.id)
        return Event(frame.kind, data, self._cursor or "")

    def _give_up_or_wait(self, error: BaseException) -> None:
        """Raises errors that do not pass without intervention."""
        if isinstance(error, Unreachable):
            log.warning("%s: reconnecting", error)
            self._delay()
        elif isinstance(error, Problem) and (error.status in PASSING or error.status >= 500):
            log.warning("the event stream was refused (%s): reconnecting", error)
            self._delay(error.retry_after_seconds or 0.0)
        else:
            raise error

    def _delay(self, at_least: float = 0.0) -> None:
        """The delay that the server has asked for; longer after each failure, and randomised so that clients spread
        out."""
        longer = min(LONGEST_DELAY_SECONDS, self._retry_seconds * 2.0 ** min(self._failures, 16))
        seconds = max(self._retry_seconds, longer, at_least) * random.uniform(1, 1.5)
        self._failures += 1
        self._wait_until = time.monotonic() + seconds


def _is_after(cursor: str, last: str | None) -> bool:
    """Whether an event is new. A server sends none twice; an intermediary might."""
    epoch, _, position = cursor.partition(".")
    last_epoch, _, last_position = (last or "").partition(".")
    return bool(cursor) and (epoch != last_epoch or int(position) > int(last_position))


def _decoded(frame: Frame, model: type[Model] | None) -> Any:
    try:
        return msgspec.json.decode(frame.data, type=Any if model is None else model)
    except msgspec.DecodeError as error:
        raise Unintelligible(f"event {frame.kind} at {frame.cursor}: {error}") from error
