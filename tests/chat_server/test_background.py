"""What runs beside requests."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from chat_core.process import background
from chat_server import app
from tests.chat_server.people import chat_server_on, settings
from tests.support.postgres import Database


async def test_a_task_that_crashes_starts_again_and_is_counted(
    database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, again = 0, asyncio.Event()

    async def keep_statistics(*_: Any) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise LookupError("a fault of ours")
        again.set()

    monkeypatch.setattr(app, "keep_statistics", keep_statistics)
    monkeypatch.setattr(background, "BACKOFF_SECONDS", (0.01, 0.01))
    with capture_logs() as lines:
        async with chat_server_on(settings(database.chat_url, keys)) as server:
            await again.wait()
            figures = (await server.anybody.get("/metrics")).text
    assert [line["task"] for line in lines if line["event"] == "task failed"] == ["statistics"]
    assert 'chat_task_crashes_total{task="statistics"} 1.0' in figures
    assert 'chat_task_crashes_total{task="mails"} 0.0' in figures
