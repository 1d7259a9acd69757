"""Which requests are traced, and what a batch of traced messages notes; none of it is loaded where tracing is off."""

import subprocess
import sys
from pathlib import Path

import pytest

from chat_core.settings import Settings, SettingsError, Tracing
from chat_core.tracing import spans_of
from chat_core.tracing.spans import Spans, traceparent_of
from chat_server.parts.message_traces import MessageTraces
from chat_server.parts.post import Post, Posted
from tests.support.services.otlp import collector

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SERVERS = "import chat_server.server, notify_server.server, sys; print(*sys.modules)"


@pytest.mark.parametrize(
    ("traceparent", "ratio", "traced"),
    [
        (f"00-{TRACE}-{SPAN}-01", 0, True),
        (f"00-{TRACE}-{SPAN}-00", 1, False),
        (f"cc-{TRACE}-{SPAN}-03-more", 0, True),
        (None, 1, True),
        (None, 0, False),
        ("", 1, True),
        (f"ff-{TRACE}-{SPAN}-01", 0, False),
        (f"00-{'0' * 32}-{SPAN}-01", 0, False),
        (f"00-{TRACE}-{'0' * 16}-01", 0, False),
        (f"00-{TRACE.upper()}-{SPAN}-01", 0, False),
    ],
)
def test_a_traceparent_decides_or_chance(traceparent: str | None, ratio: float, traced: bool) -> None:
    made = Spans(Tracing(endpoint="http://127.0.0.1:1/v1/traces", sample_ratio=ratio), "test")
    span = made.request(traceparent)
    assert (span is not None) is traced
    if span is not None and traceparent:
        assert traceparent_of(span).split("-")[1] == TRACE
    made._provider.shutdown = lambda: None  # type: ignore[method-assign]


def test_strangers_have_no_more_traced_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Spans(Tracing(endpoint="http://127.0.0.1:1/v1/traces", most_per_second=3), "test")
    now = 5.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    asked = f"00-{TRACE}-{SPAN}-01"
    assert [made.request(asked) is not None for _ in range(5)] == [True, True, True, False, False]
    now = 6.0
    assert made.request(asked) is not None


async def test_each_traced_message_of_a_batch_has_a_span_that_links_to_the_others(tmp_path: Path) -> None:
    (tmp_path / "authorization").write_text("Bearer secret\n")
    async with collector() as collected:
        made = Spans(Tracing(endpoint=collected.url, authorization_file=tmp_path / "authorization"), "test")
        asked = [f"00-{number:032x}-{number:016x}-01" for number in (1, 2, 3)]
        posts = [Post(1, 1, "x", None, None, parent) for parent in (asked[0], None, asked[1], asked[2])]
        posted = [Posted("created", f'{{"id": {number}}}') for number in range(3)] + [Posted("forbidden", "")]
        traces = MessageTraces(made, None)  # type: ignore[arg-type]
        traces.committed(posts, posted, 1)
        made.close()
        await collected.until(lambda it: len(it.spans) == 3)
        assert {(span.parent, span.links) for span in collected.spans} == {
            (f"{1:016x}", (f"{2:016x}", f"{3:016x}")),
            (f"{2:016x}", (f"{1:016x}", f"{3:016x}")),
            (f"{3:016x}", (f"{1:016x}", f"{2:016x}")),
        }
        assert {span.attributes["fechatter.batch.size"] for span in collected.spans} == {4}
        assert set(collected.authorizations) == {"Bearer secret"}
        assert [message for message, _ in traces._waiting] == [0, 2]


@pytest.mark.long
def test_where_it_is_off_nothing_is_loaded() -> None:
    assert spans_of(Settings(), "test") is None
    done = subprocess.run([sys.executable, "-c", SERVERS], check=True, capture_output=True, text=True)
    assert "chat_server.server" in done.stdout.split()
    assert "opentelemetry" not in done.stdout


def test_without_the_extra_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "chat_core.tracing.spans", None)
    with pytest.raises(SettingsError, match=r"pip install 'fechatter\[otel\]'"):
        spans_of(Settings(tracing=Tracing(endpoint="http://127.0.0.1:4318/v1/traces")), "test")
