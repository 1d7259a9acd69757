"""The spans of one server: which requests are traced, what is noted of them, and where that goes (OTLP over HTTP)."""

import random
import re
import time
from collections.abc import Iterable, Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags, set_span_in_context
from opentelemetry.trace.status import StatusCode

from chat_core.secret_files import secret_in
from chat_core.settings import Tracing

EXPORT_SECONDS = 10
# A later version may have more fields after these.
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


class Spans:
    """Whether a request is traced is decided here, once, before anything else is done for it: by its traceparent or,
    without one, by chance. What follows from a traced request is traced, too."""

    def __init__(self, settings: Tracing, service: str) -> None:
        self._settings = settings
        headers = {"authorization": secret_in(settings.authorization_file)} if settings.authorization_file else None
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource.create({"service.name": "fechatter", "service.instance.id": service}),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=settings.endpoint, headers=headers, timeout=EXPORT_SECONDS)
        # Its queue is bounded: what does not fit is dropped.
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, schedule_delay_millis=int(settings.export_seconds * 1000))
        )
        self._tracer = self._provider.get_tracer("fechatter")
        self._second, self._begun = 0, 0

    def request(self, traceparent: str | None) -> Span | None:
        """Begins the span of a request, unless it is not traced."""
        parent = _context(traceparent)
        if traceparent is None or parent is None:
            sampled = random.random() < self._settings.sample_ratio
        else:
            sampled = bool(parent.trace_flags & TraceFlags.SAMPLED)
        if not sampled or not self._may_begin():
            return None
        context = None if parent is None else set_span_in_context(NonRecordingSpan(parent))
        return self._tracer.start_span("request", context=context, kind=SpanKind.SERVER)

    def answered(self, span: Span, method: str, route: str, status: int) -> None:
        """Ends the span of a request."""
        span.update_name(f"{method} {route}")
        span.set_attribute("http.request.method", method)
        span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            span.set_status(StatusCode.ERROR)
        span.end()

    def done(
        self,
        name: str,
        parent: str,
        began_ns: int,
        ended_ns: int,
        attributes: Mapping[str, str | int],
        links: Iterable[str] = (),
    ) -> str:
        """Notes what has been done for a traced request; returns the span's traceparent. `links`: other requests for
        which it was done, too."""
        of = _context(parent)
        span = self._tracer.start_span(
            name,
            context=None if of is None else set_span_in_context(NonRecordingSpan(of)),
            kind=SpanKind.INTERNAL,
            attributes=dict(attributes),
            links=[Link(context) for link in links if (context := _context(link)) is not None],
            start_time=began_ns,
        )
        span.end(end_time=max(began_ns, ended_ns))
        return traceparent_of(span)

    def close(self) -> None:
        """Sends what is left. Blocks."""
        self._provider.shutdown()

    def _may_begin(self) -> bool:
        """Strangers decide whether their requests are traced, and how many there are."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._begun = second, 0
        self._begun += 1
        return self._begun <= self._settings.most_per_second


def traceparent_of(span: Span) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


def _context(traceparent: str | None) -> SpanContext | None:
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
