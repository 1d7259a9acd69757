"""What runs beside requests."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from chat_server import app
from tests.chat_server.people import chat_server_on, settings
from tests.support.postgres import Database


async def test_work_in_the_background_that_fails_is_not_silent(
    database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def keep_statistics(*_: Any) -> None:
        asyncio.get_running_loop().call_soon(failed.set)
        raise LookupError("a fault of ours")

    monkeypatch.setattr(app, "keep_statistics", keep_statistics)
    with capture_logs() as lines:
        async with chat_server_on(settings(database.chat_url, keys)):
            await failed.wait()
    assert [line["task"] for line in lines if line["event"] == "task failed"] == ["keep_statistics"]
