"""One server as it runs: a single process, or `workers: N` of them on one port, supervised from here."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack

import anyio
import structlog

from chat_core.process import logs, metrics
from chat_core.settings import Delivery, Notify, Settings, variable
from chat_core.settings import Server as Chat
from fechatter.errors import CommandError
from fechatter.processes import ports, servers
from fechatter.processes.stopping import until_signal
from fechatter.processes.supervisor import Server

READY_SECONDS = 60

Section = Chat | Notify | Delivery

log = structlog.get_logger()


async def serve(name: str, settings: Settings) -> None:
    """Runs a server's workers until a signal, then drains them. Raises CommandError for errors that people can fix."""
    logs.configure(settings.log, name)
    key = servers.SECTIONS[name]
    section: Section = getattr(settings, key)
    ports.choose([ports.Wanted(section.host, section.port, "--port", f"{key}.port")])
    given = {variable(f"{key}.host"): section.host, variable(f"{key}.port"): str(section.port)}
    workers = Workers(name, section, section.port, os.environ | given, may_start := anyio.Event())
    may_start.set()

    async def run() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(workers.keep_up)
            await workers.wait_until_ready()
            log.info("ready", workers=section.workers)

    await until_signal(run, workers.kill, lambda text: log.info("signal", meaning=text))
    log.info("stopped")


class Workers:
    """All processes of one server. Each is a `Server`; a single one has no number, and shares nothing. They only
    import their code until `may_start` is set."""

    def __init__(
        self, name: str, section: Section, port: int, environment: Mapping[str, str], may_start: anyio.Event
    ) -> None:
        self.name = name
        self.url = ports.url(section.host, port)
        self._host, self._port = section.host, port
        self._numbers = range(1, section.workers + 1) if section.workers > 1 else None
        self._environment = dict(environment)
        self._servers = [
            Server(name, self._environment, _drain_seconds(section), number, may_start, self._died)
            for number in self._numbers or [None]
        ]

    async def keep_up(self) -> None:
        """Runs until cancelled; all processes are gone when this returns. Raises CommandError if one never becomes
        ready."""
        with ExitStack() as stack:
            if self._numbers:
                stack.enter_context(ports.hold(self._host, self._port))
                folder = tempfile.TemporaryDirectory(prefix="fechatter-metrics-", ignore_cleanup_errors=True)
                self._environment[metrics.FOLDER] = stack.enter_context(folder)
            async with anyio.create_task_group() as group:
                for server in self._servers:
                    group.start_soon(server.keep_up)

    async def wait_until_ready(self) -> None:
        """Returns once every process listens; raises CommandError after READY_SECONDS."""
        with anyio.move_on_after(READY_SECONDS):
            for server in self._servers:
                await server.ready.wait()
            return
        raise CommandError(f"{self.name} was not ready within {READY_SECONDS} s: see its messages above")

    def kill(self) -> None:
        """Does not wait for the drain."""
        for server in self._servers:
            server.kill()

    def _died(self, number: int | None) -> None:
        if number is not None:
            metrics.forget_gauges(number, self._environment[metrics.FOLDER])


def _drain_seconds(section: Section) -> float:
    """The longest time that a server takes to see everybody off."""
    return section.drain_seconds + (section.unready_seconds if isinstance(section, Notify) else 0)
