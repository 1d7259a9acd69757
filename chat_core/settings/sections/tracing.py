from pathlib import Path
from typing import Annotated

from pydantic import Field

from chat_core.settings.types import Section, in_words


class Tracing(Section):
    """Traces of requests, sent to OpenTelemetry's collector or another system that takes OTLP. It needs the extra
    fechatter[otel]. See docs/operations/tracing.md."""

    endpoint: (
        Annotated[
            str,
            Field(pattern=r"^https?://[^\s@]+$", max_length=1000),
            in_words("the address that traces are posted to, such as http://127.0.0.1:4318/v1/traces"),
        ]
        | None
    ) = None
    """Where traces are posted to, by OTLP over HTTP; null: nothing is traced."""

    authorization_file: Path | None = None
    """File with the text of the Authorization header alone, if the endpoint wants one."""

    sample_ratio: Annotated[float, Field(ge=0, le=1)] = 0.01
    """The share of requests without a traceparent that is traced. Those with one are traced if it says so."""

    most_per_second: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Requests for each worker and second that are traced at most, whatever their traceparents say."""

    export_seconds: Annotated[float, Field(ge=0.05, le=60)] = 5.0
    """How often traces are sent."""
