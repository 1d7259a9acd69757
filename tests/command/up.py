"""A running `fechatter up`, as a process on free ports, for the tests that look at it from outside."""

import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx
import psutil

from tests.command.command import environment

PATIENCE_SECONDS = 60


class Up:
    """On free ports. `lines` is what it and the servers write to stderr; `program` is the command of another
    installation than ours."""

    def __init__(self, cwd: Path, *arguments: str, program: str | None = None, **settings: str) -> None:
        self.cwd = cwd
        self.lines: list[str] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            [
                *([program] if program else [sys.executable, "-m", "fechatter"]),
                "up",
                *(arguments or ("--port", "0", "--notify-port", "0")),
            ],
            cwd=cwd,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # under nohup it would stay ignored
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline()
        if not self.ready:
            self.__exit__()
            raise AssertionError("".join(self.lines))
        self.chat, self.notify = re.findall(r"(?:chat|notify)=(\S+)", self.ready)
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever a test did, nothing of it stays: pids are those of our own descendants."""
        if self.process.poll() is None:
            children = self.children(recursive=True)
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_SECONDS)
            finally:
                self.process.kill()
                survivors(children)
        self.reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def wait_for(self, text: str, after: int = 0) -> str:
        """The first line from number `after` on that holds this text."""
        found: list[str] = []

        def look() -> bool:
            found.extend(line for line in self.lines[after:] if text in line)
            return bool(found)

        self.wait_until(look, f"{text!r} was written")
        return found[0]

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Looks again with each line that is written."""
        with self._news:
            assert self._news.wait_for(holds, PATIENCE_SECONDS), f"not {what}:\n" + "".join(self.lines)

    def child(self, matches: Callable[[list[str]], bool]) -> psutil.Process:
        """The child whose command line matches."""
        (child,) = [child for child in self.children() if matches(child.cmdline())]
        return child

    def children(self, recursive: bool = False) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive)

    def server(self, name: str) -> psutil.Process:
        return self.child(lambda command: name in command)

    def postgres(self) -> psutil.Process:
        return self.child(lambda command: Path(command[0]).name == "postgres")


def command_line(process: psutil.Process) -> list[str]:
    """Nothing of one that has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def survivors(processes: list[psutil.Process], seconds: float = 0) -> list[psutil.Process]:
    """Those that still run after so many seconds; they are killed, so that no test leaves any behind."""
    found = []
    for process in processes:
        try:
            pidfd = os.pidfd_open(process.pid)
        except ProcessLookupError:
            continue
        if not select.select([pidfd], [], [], seconds)[0]:
            process.kill()
            found.append(process)
        os.close(pidfd)
    return found


def wait_until_ready(url: str) -> None:
    """Refused connections are retried by the transport, and a server that is not ready answers 503."""
    with httpx.Client(trust_env=False, transport=httpx.HTTPTransport(retries=10)) as client:
        while client.get(f"{url}/health/ready").status_code != httpx.codes.OK:
            time.sleep(0.02)
