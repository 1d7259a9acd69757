"""The two servers as real processes on free ports, each run by its own command."""

import asyncio
import copy
import fcntl
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from chat_core.settings import variable
from tests.support import forks

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60
STOP_SECONDS = 20


# Below those that the kernel gives to outgoing connections, one of which could take a port before its server binds it.
PORTS: Final = range(10_240, 32_768)
_CLAIMS: Final = Path(tempfile.gettempdir()) / "fechatter-test-ports"
_claimed: list[int] = []


def free_port() -> int:
    """A port that nobody uses, and that no other test's process is given while this one runs: each is claimed by a lock
    on a file, which ends with the process."""
    _CLAIMS.mkdir(exist_ok=True)
    while True:
        port = random.choice(PORTS)
        claim = os.open(_CLAIMS / str(port), os.O_CREAT | os.O_WRONLY)
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as bound:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                bound.bind(("127.0.0.1", port))
        except OSError:
            os.close(claim)
            continue
        _claimed.append(claim)
        return port


class ServerProcess:
    """`fechatter chat-server`, `notify-server` or `delivery-server`. `log` is its stderr, line by line."""

    def __init__(self, command: str, database_url: str, keys: Path, environment: Mapping[str, str]) -> None:
        self.command = command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log: list[str] = []
        key = "PRIVATE" if command == "chat-server" else "PUBLIC"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("FECHATTER_", "CHAT_"))},
            "FECHATTER_DATABASE__URL": database_url,
            "FECHATTER_AUTH__PRIVATE_KEY": str(keys / "private.pem"),
            "FECHATTER_AUTH__PUBLIC_KEY": str(keys / "public.pem"),
            "FECHATTER_LOG__FORMAT": "json",
            # Tests write as fast as they are answered; those of rate limits give limits of their own.
            "FECHATTER_LIMITS__WINDOW_SECONDS": "0",
            # Links in texts lead nowhere; tests of what they lead to have a peer.
            "FECHATTER_LINKS__PREVIEWS": "false",
            **environment,
        }
        self._environment.pop(f"FECHATTER_AUTH__{'PUBLIC' if key == 'PRIVATE' else 'PRIVATE'}_KEY", None)
        self._folder: Path | None = None
        self._process: forks.Forked | subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def set_default(self, key: str, value: str) -> None:
        """A setting that holds from the next start on, unless the environment given has it."""
        self._environment.setdefault(variable(key), value)

    def preload(self, library: Path, **environment: str) -> None:
        """From the next start on it runs with a library of the system before all others, and so as a real command."""
        self._environment |= {"LD_PRELOAD": str(library), **environment}
        self._folder = ROOT

    def twin(self, environment: Mapping[str, str] | None = None) -> "ServerProcess":
        """Another one like it, on a port of its own; not started."""
        made = copy.copy(self)
        made._environment = {**self._environment, **(environment or {})}
        made.port = free_port()
        made.url = f"http://127.0.0.1:{made.port}"
        made.log, made._process, made._reader = [], None, None
        return made

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self, folder: Path | None = None) -> None:
        """Returns once the server says that it listens; fails with its log if it ends before. With a `folder` its code
        is the one there, which is not loaded yet."""
        listening = threading.Event()
        arguments = [self.command, "--host", "127.0.0.1", "--port", str(self.port)]
        log: IO[str]
        folder = folder or self._folder
        if folder is None:
            self._process, log = await forks.start(arguments, self._environment)
        else:
            command = [sys.executable, "-m", "fechatter", *arguments]
            self._process = subprocess.Popen(
                command, cwd=folder, env=self._environment, stderr=subprocess.PIPE, text=True, start_new_session=True
            )
            assert self._process.stderr is not None
            log = self._process.stderr
        self._reader = threading.Thread(target=self._read, args=(log, listening), daemon=True)
        self._reader.start()
        await asyncio.to_thread(listening.wait, START_SECONDS)
        if not listening.is_set() or self._process.poll() is not None:
            await self.stop()
            raise AssertionError(f"{self.command} did not start:\n" + "\n".join(self.log[-30:]))

    def _read(self, log: IO[str], listening: threading.Event) -> None:
        with log:
            for line in log:
                self.log.append(line.rstrip())
                if '"event": "listening"' in line:
                    listening.set()
        listening.set()  # it has ended

    def events(self, name: str) -> list[dict[str, object]]:
        """The log's entries of one event."""
        entries = (json.loads(line) for line in list(self.log) if line.startswith("{"))
        return [entry for entry in entries if entry.get("event") == name]

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def wait(self, timeout: float = STOP_SECONDS) -> int:
        """The exit status."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, timeout)

    async def kill(self) -> None:
        """As a crash: no drain, no farewell."""
        self.signal(signal.SIGKILL)
        await self.wait()

    async def stop(self) -> int:
        """SIGTERM, and SIGKILL for one that does not follow it."""
        assert self._process is not None
        if self._process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                await self.wait()
            except subprocess.TimeoutExpired:
                await self.kill()
        if self._reader is not None:
            await asyncio.to_thread(self._reader.join, 5)
        return await self.wait(0)
