"""Traces of requests, from REST over the COMMIT to the delivery, for OpenTelemetry (docs/operations/tracing.md).

Nothing of OpenTelemetry is imported unless `tracing.endpoint` is set.
"""

from contextvars import ContextVar
from typing import TYPE_CHECKING

from chat_core.settings import Settings, SettingsError

if TYPE_CHECKING:
    from chat_core.tracing.spans import Spans

# The W3C traceparent of the request that is being answered; None if it is not traced.
current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def spans_of(settings: Settings, service: str) -> "Spans | None":
    """What a server notes its spans with; None where tracing is off."""
    if settings.tracing.endpoint is None:
        return None
    try:
        from chat_core.tracing.spans import Spans
    except ImportError:
        raise SettingsError("tracing.endpoint is set: it needs the extra, pip install 'fechatter[otel]'") from None
    return Spans(settings.tracing, service)
