"""One connection of a client, until its request is handed to the application, and between two requests.

uvicorn's protocol, with its parser and its interface to the application. What differs here:

- All input is bounded: HEAD_BYTES for a head, that is the request line, the headers and everything else outside
  the body; the same for a chunked body's extensions and trailers.
- The application is called once the body is complete, so an unfinished request costs no task and counts nowhere as one.
  Only routes that `Admission.streams` names get it while it arrives, STREAMED_BYTES at a time.
- Pipelined requests wait as bytes until the one before has been answered.
- `Admission.sweep` checks deadlines; there is no timer per connection or request.
- A refusal here is sent as application/problem+json. Further input is dropped for LINGER_SECONDS: closing a
  connection with unread bytes resets it, and the response may be lost with it.
"""

import asyncio
from typing import Any, Final

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from chat_core.http import refusals
from chat_core.http.admission import Admission, Place
from chat_core.http.cycle import Cycle, UnchunkedCycle
from chat_core.http.head import Head, read_head, read_url
from chat_core.http.refusals import FRAMING_BYTES, HEAD_BYTES
from chat_core.http.transfers import LARGE_RESPONSE_BYTES, Pace, Transfer, Unread
from chat_core.problems import Problem
from chat_core.settings import Connections

# Parsed at a time: no more requests than fit into this are parsed before the first of them has been answered.
PIECE_BYTES: Final = 2048
# Maximum unparsed bytes that may wait behind a request.
PIPELINED_BYTES: Final = 65_536
# Bytes of a streamed body that may wait for the application.
STREAMED_BYTES: Final = 262_144
# Unread bytes that a refused connection may still send, and the time for the request of one without a place.
LINGER_SECONDS: Final = 5
# What a connection without a place may request.
WATCHED: Final = ("/health", "/metrics")
WATCHER_SECONDS: Final = 2

_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}


class Connection(HttpToolsProtocol):
    """`place` is None for a connection that may only request WATCHED routes, and after it has been handed over."""

    def __init__(
        self,
        admission: Admission,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.admission = admission
        self.place: Place | None = None
        self.url = b""
        self.lost = False
        self._turned_away: Problem | None = None
        self._since = admission.now  # when the current wait began
        self._fed = 0  # bytes of the current request
        self._piece = 0  # bytes that are being parsed
        self._reading: Cycle | None = None  # its head is complete, its body is not
        self._answering: Cycle | None = None
        self._streaming = False  # the request that is being read is being answered already
        self._behind = bytearray()  # what arrived behind the request that is being answered
        self._last_word: Problem | None = None  # for behind it, too
        self._refused = False
        self._transfer: Transfer | None = None
        self._arriving: Pace | None = None  # of a streamed body
        self._unread: Unread | None = None

    # -- its life

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        entered = self.admission.enter(self.client[0] if self.client else None)
        if isinstance(entered, Place):
            self.place = entered
        else:
            self._turned_away = entered
            self.admission.watch(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """A client that leaves is no error: an unfinished request is forgotten, and a running handler is notified."""
        self.lost = True
        self.connections.discard(self)
        self._forget_requests()
        self.flow.resume_writing()
        self.parser = None  # type: ignore[assignment]
        if self.place is not None:
            self.place.leave()

    def _forget_requests(self) -> None:
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()
            self._answering = None
        if self._reading is not None:
            if not self._streaming:
                self.admission.unfinished_bytes -= len(self._reading.body)
            self._reading, self._streaming = None, False
        self._end_transfer()
        self.pipeline.clear()
        self._behind.clear()

    def shutdown(self) -> None:
        """The server is stopping: running requests may finish."""
        if self._answering is None:
            self.transport.close()
        else:
            self._answering.keep_alive = False

    def abort(self) -> None:
        self.transport.abort()

    # -- deadlines

    def sweep(self, now: int) -> None:
        waited, limits = now - self._since, self.admission.limits
        if self._refused:
            if waited > LINGER_SECONDS:
                self.transport.abort()
        elif self.flow.write_paused or (self._answering is None and self.transport.get_write_buffer_size()):
            self._since = now
            if self._unread is None:
                self._unread = Unread(self.transport, limits)
            if not self._unread.is_kept():
                self.transport.abort()
        elif self._answering is not None:
            # A body that the application has yet to ask for, or to take, is no fault of the client.
            waits = self._streaming and not self.flow.read_paused and not self._answering.waiting_for_100_continue
            if waits and self._arriving is not None and not self._arriving.is_kept():
                self.transport.abort()
        elif self._reading is not None:
            least = (waited - limits.head_seconds) * limits.body_bytes_per_second
            if waited > limits.head_seconds and len(self._reading.body) < least:
                self.refuse(Problem(408, "body_too_slow", "The body did not arrive in time."))
        elif self._fed:
            if waited > (WATCHER_SECONDS if self.place is None else limits.head_seconds):
                self.refuse(Problem(408, "head_too_slow", "The head of the request did not arrive in time."))
        elif waited > self._most_idle(limits):
            self.transport.close()

    def _most_idle(self, limits: Connections) -> int:
        if self.place is None:
            return WATCHER_SECONDS
        return limits.head_seconds if self.cycle is None else limits.idle_seconds

    # -- what comes

    def data_received(self, data: bytes) -> None:
        if self._answering is None and self._fed + len(data) <= PIECE_BYTES and not self._refused:
            self._feed(data)
        else:
            self._feed_in_pieces(memoryview(data))

    def _feed_in_pieces(self, data: memoryview) -> None:
        while data and not self._refused:
            if self._answering is not None and not self._streaming:
                self._wait_behind(data)
                return
            room = HEAD_BYTES - self._fed
            if self._reading is not None:
                room += len(self._reading.body) * (1 + FRAMING_BYTES)
            if room <= 0:
                self.refuse(refusals.too_large(self.url, framing=self._reading is not None))
                return
            piece = data[: min(PIECE_BYTES, room)]
            data = data[len(piece) :]
            self._feed(piece)

    def _wait_behind(self, data: memoryview) -> None:
        if self._last_word is not None:
            return
        self._behind += data
        self.flow.pause_reading()
        if len(self._behind) > PIPELINED_BYTES:
            self._last_word = refusals.too_much_pipelined()
            self._behind.clear()

    def _feed(self, data: bytes | memoryview) -> None:
        self._piece = len(data)
        self._fed += self._piece
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # the application decides whether to use it: without it this request is the last one
        except httptools.HttpParserError as error:
            cause = error.__context__
            self.refuse(cause if isinstance(cause, Problem) else refusals.bad_http(error))

    # -- what the parser finds

    def on_message_begin(self) -> None:
        self._fed = self._piece
        self._since = self.admission.now
        self.url, self.headers = b"", []
        scope: Any = {
            "type": "http",
            "asgi": _ASGI,
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": "http",
            "root_path": "",
            "headers": self.headers,
            "state": self.app_state.copy(),
        }
        self.scope = scope

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reading is None:  # else it is a trailer, which must not pass for a header
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Raises Problem, as the callbacks below do."""
        scope, admission = self.scope, self.admission
        head = read_head(self.parser, self.headers)
        scope["method"], scope["http_version"] = head.method, head.version
        scope["path"], scope["raw_path"], scope["query_string"] = read_url(self.url)
        if self._turned_away is not None and not scope["path"].startswith(WATCHED):
            raise self._turned_away
        streams = head.has_body and self._answering is None and head.version == "1.1"
        streams = streams and admission.streams(head.method, scope["path"])
        if head.body_bytes > admission.most_body_bytes and not streams:
            raise refusals.too_large_body()
        if streams:
            self._begin_transfer(self.headers)
            self._arriving = Pace(admission.limits.body_bytes_per_second, admission.limits.head_seconds)
        self.cycle = self._reading = self._cycle_of(head, streams=streams)
        if head.has_body:
            self._since = admission.now
            if streams:
                self._streaming = True
                scope["transfer"] = True  # type: ignore[typeddict-unknown-key]  # it does not count as a request in flight
                self._answer(self.cycle)
            elif head.expects and self._answering is None:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _cycle_of(self, head: Head, *, streams: bool) -> Cycle:
        kind = Cycle if head.version == "1.1" else UnchunkedCycle
        lasts = head.version == "1.1" and self.place is not None and not head.upgrades
        cycle = kind(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=streams and head.expects,
            keep_alive=lasts and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        cycle.admit = self._admit_response
        return cycle

    def on_body(self, body: bytes) -> None:
        cycle: Any = self._reading
        admission = self.admission
        if self._streaming:
            cycle.body += body
            cycle.message_event.set()
            self._fed = self._piece
            if self._arriving is not None:
                self._arriving.passed(len(body))
            if len(cycle.body) >= STREAMED_BYTES:
                self.flow.pause_reading()
            return
        if cycle is None:  # answered before all of its body had arrived
            return
        cycle.body += body
        admission.unfinished_bytes += len(body)
        if len(cycle.body) > admission.most_body_bytes:
            raise refusals.too_large_body()
        if admission.unfinished_bytes > admission.most_unfinished_bytes:
            raise refusals.too_many_bodies()

    def on_message_complete(self) -> None:
        cycle: Any = self._reading
        streamed = self._streaming
        self._reading, self._streaming, self._fed = None, False, 0
        if cycle is None:
            return
        if cycle.body and not streamed:
            self.admission.unfinished_bytes -= len(cycle.body)
        cycle.more_body = False
        cycle.message_event.set()
        if streamed:
            return
        if self._answering is None:
            self._answer(cycle)
        else:
            self.pipeline.appendleft((cycle, self.app))

    # -- what goes

    def _answer(self, cycle: Cycle) -> None:
        self._answering = cycle
        if not self.flow.write_paused:
            self._unread = None
        self._start_asgi_task(cycle, self.app)

    def _begin_transfer(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Raises Problem."""
        if self._transfer is None:
            self._transfer = self.admission.transfers.begin(self.client[0] if self.client else None, headers)

    def _end_transfer(self) -> None:
        if self._transfer is not None:
            self._transfer.end()
            self._transfer = None

    def _admit_response(self, length: int) -> bool:
        if length > LARGE_RESPONSE_BYTES and self._answering is not None:
            try:
                self._begin_transfer(self._answering.scope["headers"])  # type: ignore[arg-type]
            except Problem as problem:
                self._forget_requests()
                self.refuse(problem)
                return False
        return True

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._unread is not None:
            self._unread.begin()

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.count()
        super().resume_writing()
        if self._answering is None:
            self._end_transfer()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self._since = self.admission.now
        self._answering = None
        if not self.flow.write_paused:
            self._end_transfer()
        if self.transport.is_closing():
            return
        if self._streaming:  # it was answered before its end: the rest is dropped, so that the answer arrives
            self._forget_requests()
            self._refused = True
            self.flow.resume_reading()
            self.transport.write_eof()
        elif self.pipeline:
            following: Any = self.pipeline.pop()[0]
            self._answer(following)
        elif self._last_word is not None:
            self.refuse(self._last_word)
        else:
            self.flow.resume_reading()
            if self._behind:
                behind, self._behind = bytes(self._behind), bytearray()
                self.data_received(behind)

    def refuse(self, problem: Problem) -> None:
        """The connection's last response, after those of earlier requests; further input is dropped."""
        if self._answering is not None:
            self._last_word = problem
            return
        if self.transport.is_closing():
            return
        self.admission.refuse(problem, self.client[0] if self.client else None)
        headed = bool(self.url) and self.parser.get_method() == b"HEAD"
        self._forget_requests()
        self._refused, self._since = True, self.admission.now
        self.flow.resume_reading()
        self.transport.write(refusals.response_of(problem, self.server_state.default_headers, with_body=not headed))
        self.transport.write_eof()

    def hand_over(self, successor: "Successor") -> bool:
        """The successor continues the response and takes over the connection with its place; this object is done
        with it. Input that the client sent after the request is dropped. False if the connection is lost."""
        if self.lost:
            return False
        self._forget_requests()
        self.connections.discard(self)
        successor.place, self.place = self.place, None
        self.transport.set_protocol(successor)
        if self.flow.write_paused:  # the transport tells a protocol only of changes
            successor.pause_writing()
        self.transport.resume_reading()  # else nothing would notice that the client leaves
        return True


class Successor(asyncio.Protocol):
    """A protocol that takes a connection over: it must call `place.leave` once the connection is lost."""

    __slots__ = ("place",)

    place: Place | None
