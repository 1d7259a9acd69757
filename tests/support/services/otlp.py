"""A collector of OpenTelemetry: takes OTLP over HTTP, and keeps the spans."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Seen:
    """A span. `links` are the ids of the spans that it links to; ids are hexadecimal."""

    server: str
    name: str
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]
    attributes: dict[str, str | int]
    seconds: float
    failed: bool


@dataclass
class Collector:
    url: str
    spans: list[Seen] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, trace: str) -> dict[str, list[Seen]]:
        """The spans of a trace, by their names."""
        found: dict[str, list[Seen]] = {}
        for span in self.spans:
            if span.trace == trace:
                found.setdefault(span.name, []).append(span)
        return found

    async def until(self, done: Callable[["Collector"], bool]) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                while not done(self):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not within {TIMEOUT_SECONDS} s; collected: {self.spans}") from None

    def take(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            described = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    attributes: dict[str, str | int] = {
                        each.key: each.value.string_value or each.value.int_value for each in span.attributes
                    }
                    self.spans.append(
                        Seen(
                            described["service.instance.id"],
                            span.name,
                            span.trace_id.hex(),
                            span.span_id.hex(),
                            span.parent_span_id.hex(),
                            tuple(link.span_id.hex() for link in span.links),
                            attributes,
                            (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                            span.status.code == 2,
                        )
                    )
        self._news.set()


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    loop = asyncio.get_running_loop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collected.authorizations.append(self.headers["authorization"])
            body = self.rfile.read(int(self.headers["content-length"]))
            loop.call_soon_threadsafe(collected.take, body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collected = Collector(f"http://127.0.0.1:{server.server_port}/v1/traces")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield collected
        finally:
            server.shutdown()
            await asyncio.to_thread(thread.join)
