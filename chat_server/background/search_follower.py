"""Keeps the process alive that indexes messages and pages (search/indexing/follower.py), and measures how far it is.

It is started when there is enough to index for the first time, since searches read a little from the log themselves;
and again after it has ended.
"""

import asyncio
import json
import signal
import sys
from contextlib import suppress

import structlog
from asyncpg import Record

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.process.children import die_with_parent
from chat_core.settings import Settings
from chat_server.parts.metrics import Metrics
from chat_server.search.analysis import ANALYSER

LOOK_SECONDS = 2.0
RESTART_SECONDS = 10.0
# When it is started: the log is this far ahead.
ENOUGH_EVENTS = 500
ENOUGH_SECONDS = 60.0

SEARCH_PROGRESS = query("search_progress")

_log = structlog.get_logger()


async def keep_following(pool: Pool, settings: Settings, metrics: Metrics) -> None:
    """Runs until cancelled."""
    process: asyncio.subprocess.Process | None = None
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if process is not None and process.returncode is not None:
                _log.warning("search: the follower has ended, starting another", status=process.returncode)
                process = None
                await asyncio.sleep(RESTART_SECONDS)
            try:
                state = await SEARCH_PROGRESS.one(pool)
            except Exception as error:  # the database is away: requests say so
                _log.debug("search: progress unknown", error=type(error).__name__)
                continue
            building = state["remaining"] is not None
            metrics.search_progress(state["events_behind"], state["seconds_behind"], building, state["pages_waiting"])
            if process is None and _has_enough(state):
                try:
                    process = await _start(settings)
                except OSError as error:
                    _log.warning("search: the follower cannot be started", error=f"{type(error).__name__}: {error}")
                    await asyncio.sleep(RESTART_SECONDS)
    finally:
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()  # a step commits as a whole or not at all
            await process.wait()


def _has_enough(state: Record) -> bool:
    return (
        state["events_behind"] >= ENOUGH_EVENTS
        or state["seconds_behind"] >= ENOUGH_SECONDS
        or (state["events_behind"] > 0 and (state["analyser"] != ANALYSER or not state["continues"]))
        or state["remaining"] is not None
        or state["pages_waiting"] > 0
    )


async def _start(settings: Settings) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "chat_server.search.indexing.follower"),
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,  # a terminal's Ctrl-C is for the server, which ends this one
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    assert process.stdin is not None  # noqa: S101 - a pipe
    database = settings.database.model_dump(mode="json", exclude={"read_url"})
    if settings.database.url is not None:
        database["url"] = settings.database.url.get_secret_value()
    with suppress(OSError):
        process.stdin.write(f"{json.dumps(database)}\n{settings.log.model_dump_json()}\n".encode())
        await process.stdin.drain()
    process.stdin.close()
    return process
