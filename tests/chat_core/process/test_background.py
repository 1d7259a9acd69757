"""Tasks beside requests: those that a server needs take it with them, others start again."""

import asyncio
import signal
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter
from structlog.testing import capture_logs

from chat_core.process import background
from chat_core.process.background import Background

SHORT = 0.001


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def tasks(registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch) -> Background:
    monkeypatch.setattr(background, "BACKOFF_SECONDS", (SHORT, SHORT))
    return Background(Counter("crashes", "Crashes.", ["task"], registry=registry))


@pytest.fixture
def terminated() -> Iterator[asyncio.Event]:
    """Set by SIGTERM, which would end the server."""
    event = asyncio.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: event.set())
    yield event
    signal.signal(signal.SIGTERM, before)


def crashes(registry: CollectorRegistry, task: str) -> float | None:
    return registry.get_sample_value("crashes_total", {"task": task})


async def test_a_needed_task_that_crashes_ends_the_server(
    tasks: Background, registry: CollectorRegistry, terminated: asyncio.Event
) -> None:
    async def follow() -> None:
        raise LookupError("a fault of ours")

    with capture_logs() as lines:
        tasks.need("log", follow)
        assert crashes(registry, "log") == 0
        await asyncio.wait(tasks._tasks)
    assert terminated.is_set()
    assert tasks.failed
    assert crashes(registry, "log") == 1
    assert [(line["event"], line["task"]) for line in lines] == [("task failed", "log")]


async def test_other_tasks_start_again_until_they_succeed(
    tasks: Background, registry: CollectorRegistry, terminated: asyncio.Event
) -> None:
    done, failures = False, iter([ValueError("once"), TimeoutError("twice")])

    async def mail() -> None:
        nonlocal done
        for error in failures:
            raise error
        done = True

    tasks.keep("mails", mail)
    await asyncio.wait(tasks._tasks)
    assert done
    assert crashes(registry, "mails") == 2
    assert not tasks.failed
    assert not terminated.is_set()


async def test_a_stop_is_no_crash(tasks: Background, registry: CollectorRegistry) -> None:
    started: list[str] = []
    all_started = asyncio.Event()

    async def endless(name: str) -> None:
        started.append(name)
        if len(started) == 2:
            all_started.set()
        await asyncio.Event().wait()

    tasks.need("log", lambda: endless("log"))
    tasks.keep("mails", lambda: endless("mails"))
    await all_started.wait()
    await tasks.stop()
    assert (crashes(registry, "log"), crashes(registry, "mails"), tasks.failed) == (0, 0, False)
