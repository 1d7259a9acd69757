"""Keeps a part running: starts it, restarts it with backoff when it dies, and stops it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import anyio
import structlog

from chat_core.database.embedded import EmbeddedError, EmbeddedPostgres
from chat_core.process import children
from fechatter.errors import CommandError

FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 30.0  # a part that lived this long is restarted immediately
EARLY_DEATHS = 3  # a server that died this often before it was ever ready cannot start

log = structlog.get_logger()


class Backoff:
    """The delay before the next start: none after a first death, then doubled each time, with jitter."""

    def __init__(self) -> None:
        self.deaths = 0

    def after(self, lived_seconds: float) -> float:
        """Seconds to wait after the death of a part that lived this long."""
        self.deaths = 1 if lived_seconds >= STEADY_SECONDS else self.deaths + 1
        if self.deaths == 1:
            return 0.0
        longest: float = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (self.deaths - 2))
        return longest * random.uniform(0.5, 1)


class Server:
    """One process of a server, in a session of its own, since a terminal's Ctrl-C is only for us. It imports its
    code immediately, and continues when `may_start` is set. `ready` is set once it has listened for the first time;
    `died` is called with its number whenever it has ended."""

    def __init__(
        self,
        name: str,
        environment: Mapping[str, str],
        drain_seconds: float,
        number: int | None,
        may_start: anyio.Event,
        died: Callable[[int | None], None],
    ) -> None:
        self.name = name
        self.ready = anyio.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = environment
        self._drain_seconds = drain_seconds
        self._number = number
        self._may_start = may_start
        self._died = died

    async def keep_up(self) -> None:
        """Runs until cancelled; the process is gone when this returns. Raises CommandError if it never becomes
        ready."""
        which = {} if self._number is None else {"worker": self._number}
        backoff = Backoff()
        while True:
            started = time.monotonic()
            status = await self._run_once()
            self._died(self._number)
            delay = backoff.after(time.monotonic() - started)
            if not self.ready.is_set() and backoff.deaths == EARLY_DEATHS:
                raise CommandError(f"{self.name} does not start ({_in_words(status)}): see its messages above")
            log.warning(
                "a server died; restarting it",
                server=self.name,
                **which,
                death=_in_words(status),
                restart_in_seconds=round(delay, 2),
            )
            await anyio.sleep(delay)

    async def _run_once(self) -> int:
        listens, told = os.pipe()
        waits, tell = os.pipe()
        try:
            process = self._process = self._spawn(told, waits)
        finally:
            os.close(told)
            os.close(waits)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._hear, listens)
                group.start_soon(self._let_start, tell)
                await children.gone(process.pid)
                group.cancel_scope.cancel()
        finally:
            os.close(listens)
            os.close(tell)
            with anyio.CancelScope(shield=True):
                await children.end(process.pid, (signal.SIGTERM, self._drain_seconds + 5))
        return process.wait()

    async def _hear(self, listens: int) -> None:
        """A byte means that it listens; the end of the pipe, that it died before."""
        await anyio.wait_readable(listens)
        if os.read(listens, 1):
            self.ready.set()

    async def _let_start(self, tell: int) -> None:
        await self._may_start.wait()
        with suppress(BrokenPipeError):  # it has died meanwhile
            os.write(tell, b"1")

    def _spawn(self, told: int, waits: int) -> subprocess.Popen[bytes]:
        number = [] if self._number is None else ["--worker", str(self._number)]
        return subprocess.Popen(
            [sys.executable, "-m", "fechatter", self.name, "--ready-fd", str(told), "--start-fd", str(waits), *number],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=2,  # our own stdout has only the ready line
            pass_fds=[told, waits],
            start_new_session=True,
            preexec_fn=children.die_with_parent(signal.SIGKILL),  # its port is free for its successor immediately
        )

    def kill(self) -> None:
        """Does not wait for the drain."""
        if self._process is not None:
            self._process.kill()  # does nothing once it has been reaped


async def keep_postgres_up(postgres: EmbeddedPostgres) -> None:
    """Runs until cancelled; restarts PostgreSQL whenever it dies. Leaves it running."""
    backoff = Backoff()
    started = time.monotonic()
    while True:
        status = await postgres.wait()
        delay = backoff.after(time.monotonic() - started)
        log.warning("PostgreSQL died; restarting it", death=_in_words(status), restart_in_seconds=round(delay, 2))
        await anyio.sleep(delay)
        started = time.monotonic()
        try:
            await postgres.start()
            log.info("PostgreSQL is running again", pid=postgres.pid)
        except EmbeddedError as error:
            log.error("PostgreSQL did not start again", reason=str(error))


def _in_words(status: int) -> str:
    """An exit status in words; Popen has a negative one for a signal."""
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
