"""One committer for several workers: the first of them commits the posts and acts of all.

With `workers: N`, each worker would commit batches of its own, which take turns on the log's lock: the same posts in
more and smaller transactions, each with its fixed cost (docs/adr/0045-one-committer.md). So the first worker listens on
a Unix socket in the folder that the workers share (`listening`), and the others pass theirs to it (`Passage`).
What one of them passes in a turn of the event loop is one write, and so are the answers.

A frame is four bytes with its length and a list as MessagePack: of `_Request` to the committer, of `_Answer` from it.
An empty list from it asks the others to leave, since it is about to end. Both sides are the same program, started by
the same parent.

Nothing depends on the committer: a worker without a connection to it commits its own, since PostgreSQL's locks
order all batches anyway. What is on its way when the connection is lost may have been committed or not, as
when a connection to PostgreSQL is lost, and gets the same error.
"""

import asyncio
import contextlib
import itertools
import random
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import asyncpg
import msgspec
import structlog

from chat_core.batching import BatchCut, Batcher, BatcherClosed, BatcherFull
from chat_core.problems import DATABASE_ERRORS, PoolExhausted, Problem
from chat_server.parts.act import Apart
from chat_server.parts.batch import Item, Written, database_error

# The socket's name within the folder that the workers share.
NAME = "committer"
BACKOFF_SECONDS = (0.05, 1.0)
# How long a committer that is about to end waits for the others to leave.
LEAVE_SECONDS = 2.0
_LENGTH = struct.Struct(">I")

_log = structlog.get_logger()


class NoCommitter(Exception):
    """There is none right now, and nothing was passed on."""


class Failure(msgspec.Struct, array_like=True):
    """Why something was not written. `kind` is a key of _KINDS, "sql" for an error of PostgreSQL, which has the fields
    up to `constraint`, "problem" for the response in `problem`, or "internal"."""

    kind: str
    text: str
    sqlstate: str = ""
    detail: str | None = None
    constraint: str | None = None
    problem: Problem | None = None


# Errors besides PostgreSQL's, the most special first.
_KINDS: dict[str, type[Exception]] = {
    "full": BatcherFull,
    "cut": BatchCut,
    "closed": BatcherClosed,
    "exhausted": PoolExhausted,
    "slow": TimeoutError,
    "apart": Apart,
    "unreachable": ConnectionError,
}


class _Request(msgspec.Struct, array_like=True):
    number: int
    item: Item


class _Answer(msgspec.Struct, array_like=True):
    number: int
    result: Written | None
    failure: Failure | None = None


_encode = msgspec.msgpack.Encoder().encode
_requests = msgspec.msgpack.Decoder(list[_Request]).decode
_answers = msgspec.msgpack.Decoder(list[_Answer]).decode


class _Connection(asyncio.Protocol):
    """Of frames: `send` collects what is sent in a turn of the event loop."""

    def __init__(self) -> None:
        self._come = bytearray()
        self._to_send: list[Any] = []
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _send(self, item: Any) -> None:
        if not self._to_send:
            asyncio.get_running_loop().call_soon(self._flush)
        self._to_send.append(item)

    def _flush(self) -> None:
        if self._to_send:
            items, self._to_send = self._to_send, []
            self._send_frame(items)

    def _send_frame(self, items: list[Any]) -> None:
        if self._transport is not None:
            frame = _encode(items)
            self._transport.write(_LENGTH.pack(len(frame)) + frame)

    def _frames(self, data: bytes) -> Iterator[bytes]:
        """Those that are complete."""
        self._come += data
        while len(self._come) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._come)[0]
            if len(self._come) < end:
                return
            frame = bytes(self._come[_LENGTH.size : end])
            del self._come[:end]
            yield frame


class _Front(_Connection):
    """Another worker, at the committer. One that comes when this one is ending is sent away."""

    def __init__(self, batcher: Batcher[Item, Written], fronts: set["_Front"], ending: asyncio.Event) -> None:
        super().__init__()
        self._batcher, self._fronts, self._ending = batcher, fronts, ending
        self.gone = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._ending.is_set():
            self.close()
        else:
            self._fronts.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._fronts.discard(self)
        self.gone.set_result(None)

    def data_received(self, data: bytes) -> None:
        for frame in self._frames(data):
            for request in _requests(frame):
                self._write(request.number, request.item)

    def _write(self, number: int, item: Item) -> None:
        try:
            future = self._batcher.put(item)
        except (BatcherFull, BatcherClosed) as error:
            self._send(_Answer(number, None, failure_of(error)))
        else:
            future.add_done_callback(lambda done: self._answer(number, done))

    def ask_to_leave(self) -> None:
        self._send_frame([])

    def _answer(self, number: int, done: asyncio.Future[Written]) -> None:
        error = done.exception()
        self._send(_Answer(number, None, failure_of(error)) if error else _Answer(number, done.result()))


@contextlib.asynccontextmanager
async def listening(folder: Path, batcher: Batcher[Item, Written]) -> AsyncIterator[None]:
    """Makes this worker the committer of the others. At the end it waits for them to leave with their answers. If it
    cannot listen, each worker commits its own."""
    fronts: set[_Front] = set()
    ending = asyncio.Event()
    try:
        server = await asyncio.get_running_loop().create_unix_server(
            lambda: _Front(batcher, fronts, ending), str(folder / NAME)
        )
    except OSError as error:  # the path is too long for a socket, say
        _log.warning("each worker commits its own", error=str(error))
        yield
        return
    try:
        yield
    finally:
        ending.set()
        server.close()
        for front in list(fronts):
            front.ask_to_leave()
        if fronts:
            await asyncio.wait([front.gone for front in fronts], timeout=LEAVE_SECONDS)
        for front in list(fronts):
            front.close()


class Passage(_Connection):
    """This worker's way to the committer. It leads nowhere until `keep_open` has connected it. `most` items may be on
    their way."""

    def __init__(self, folder: Path, most: int) -> None:
        super().__init__()
        self._path, self._most = str(folder / NAME), most
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Written]] = {}
        self.opened = asyncio.Event()  # set while items can be passed on
        self._lost = asyncio.Event()

    async def keep_open(self) -> None:
        """Connects until cancelled, over any number of lives of the committer."""
        loop, wait = asyncio.get_running_loop(), BACKOFF_SECONDS[0]
        try:
            while True:
                self._lost.clear()
                with contextlib.suppress(OSError):  # it is not there yet, or not any more
                    await loop.create_unix_connection(lambda: self, self._path)
                    wait = BACKOFF_SECONDS[0]
                    await self._lost.wait()
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))
                wait = min(wait * 2, BACKOFF_SECONDS[1])
        finally:
            self.close()

    def abort(self) -> None:
        """Cuts the connection."""
        if self._transport is not None:
            self._transport.abort()

    async def submit(self, item: Item) -> Written:
        """As Batcher.submit of the committer. Raises NoCommitter if there is none, or if it has ended before it took
        the item; BatchCut if it ended while it had it."""
        if not self.opened.is_set():
            raise NoCommitter
        if len(self._waiting) >= self._most:
            raise BatcherFull(f"{self._most} items are already on their way")
        number = next(self._numbers)
        future: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._send(_Request(number, item))
        try:
            return await future
        except BatchCut:
            raise
        except BatcherClosed:
            raise NoCommitter from None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.opened.set()

    def data_received(self, data: bytes) -> None:
        for frame in self._frames(data):
            answers = _answers(frame)
            for answer in answers:
                _settle(self._waiting.pop(answer.number), answer)
            if not answers:
                self.opened.clear()
        if not self.opened.is_set() and not self._waiting:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.opened.clear()
        self._come.clear()
        self._to_send.clear()
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the worker that commits has gone"))
        self._lost.set()


def _settle(future: asyncio.Future[Written], answer: _Answer) -> None:
    if future.done():  # its caller was cancelled
        return
    if answer.failure is not None:
        future.set_exception(error_of(answer.failure))
    elif answer.result is not None:
        future.set_result(answer.result)


def failure_of(error: BaseException) -> Failure:
    """As it is sent."""
    if isinstance(error, asyncpg.PostgresError):
        told = cast("Any", error)
        return Failure("sql", str(error), told.sqlstate or "", told.detail, told.constraint_name)
    if isinstance(error, Problem):
        return Failure("problem", error.detail, problem=error)
    for kind, of_kind in _KINDS.items():
        if isinstance(error, of_kind):
            return Failure(kind, str(error))
    return Failure("unreachable" if isinstance(error, DATABASE_ERRORS) else "internal", f"{error!r}")


def error_of(failure: Failure) -> Exception:
    """What `submit` raises for it, as Batcher.submit would."""
    if failure.kind == "sql":
        fields = {"C": failure.sqlstate, "M": failure.text, "D": failure.detail, "n": failure.constraint}
        return database_error({name: value for name, value in fields.items() if value})
    if failure.problem is not None:
        return failure.problem
    return _KINDS.get(failure.kind, RuntimeError)(failure.text)
