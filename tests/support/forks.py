"""`fechatter` forked from a process that has imported its code already: importing is most of what a start costs.

What is forked is a process in every way (session, folder, environment, streams, signals, exit status) and runs
`fechatter.cli.main` with its own arguments. Two things differ from the real command, whose own start is tested in
tests/command/test_up.py: the modules were loaded and chat_server's routes built before, and not freed at its end; and
passwords are hashed with the least work of Argon2id. A third one is asked for: pages load the bundles in a folder
(`BUNDLES`).

There are three kinds of processes: the nursery has the imports and does nothing else; it forks a keeper for each
command; the keeper forks the command, waits for its end and reports the exit status.
"""

import asyncio
import atexit
import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any, NoReturn

from argon2 import PasswordHasher
from prometheus_client.metrics import MetricWrapperBase

from chat_core.process import metrics
from chat_core.process.children import die_with_parent
from chat_core.settings import Server

ROOT = Path(__file__).parent.parent.parent
# In the environment of a chat_server: the folder of the bundles that its pages load.
BUNDLES = "TEST_BUNDLES"
LOADED = ("fechatter.commands", "chat_server.server", "notify_server.server", "delivery_server.server")


def light_hasher() -> PasswordHasher:
    """Real Argon2id, with the least work that it takes: most tests are not about how long a guess takes."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Forked:
    """A command's process, with the methods of a subprocess.Popen. `status` is a pipe that carries its pid and, once it
    has ended, its exit status."""

    def __init__(self, status: int) -> None:
        self._status = os.fdopen(status, "rb", buffering=0)
        self.pid = int(self._status.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float) -> int:
        """The exit status, negative for a signal; subprocess.TimeoutExpired if it still runs then."""
        if self.returncode is None:
            ended = select.poll()  # select() takes no descriptor above 1023
            ended.register(self._status, select.POLLIN)
            if not ended.poll(timeout * 1000):
                raise subprocess.TimeoutExpired("fechatter", timeout)
            with self._status:
                self.returncode = int(self._status.readline() or -signal.SIGKILL)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


async def start(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[Forked, IO[str]]:
    """`fechatter` with these arguments and in this environment: its process, and what it writes to stderr."""
    log, log_of_server = os.pipe()
    with Path(os.devnull).open("r+b") as nothing, os.fdopen(log_of_server, "wb") as written:
        status = _fork(arguments, environment, ROOT, nothing, nothing, written)
    return await asyncio.to_thread(Forked, status), os.fdopen(log)


def run(
    arguments: Sequence[str], environment: Mapping[str, str], cwd: Path, stdin: str, timeout: float
) -> subprocess.CompletedProcess[str]:
    """`fechatter` with these arguments, to its end. subprocess.TimeoutExpired, and it is killed, if that takes long."""
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3)]
        files[0].write(stdin)
        files[0].seek(0)
        process = Forked(_fork(arguments, environment, cwd, *files))
        try:
            status = process.wait(timeout)
        finally:
            process.send_signal(signal.SIGKILL)
        for file in files:
            file.seek(0)
        return subprocess.CompletedProcess(["fechatter", *arguments], status, files[1].read(), files[2].read())


def _fork(arguments: Sequence[str], environment: Mapping[str, str], cwd: Path, *streams: IO[str] | IO[bytes]) -> int:
    """The status pipe of a new process with these as its stdin, stdout and stderr."""
    status, written = os.pipe()
    request = {"arguments": [*map(str, arguments)], "environment": dict(environment), "cwd": str(cwd)}
    with os.fdopen(written, "wb") as end:
        files = [stream.fileno() for stream in (*streams, end)]
        socket.send_fds(_nursery(), [json.dumps(request).encode()], files)
    return status


@functools.cache
def _nursery() -> socket.socket:
    """Where the process that is forked takes requests. It ends with this process, whose main thread has to call this
    first: the kernel takes the end of the thread that started a process for the end of its parent."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(its.fileno())],
            cwd=ROOT,
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _run(control: socket.socket) -> None:
    for name in LOADED:
        importlib.import_module(name)
    setattr(sys.modules["chat_server.server"], PasswordHasher.__name__, light_hasher)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a keeper
    while True:
        request, files, _, _ = socket.recv_fds(control, 1 << 18, 4)
        if not request:
            return
        asked = json.loads(request)
        if asked["arguments"][:1] == ["chat-server"]:
            _built()
        if os.fork() == 0:
            control.close()
            _keep(asked, *files)
        for file in files:
            os.close(file)


@functools.cache
def _built() -> Any:
    """chat_server's routes, whose building takes a second. Each server that is forked has a copy of its own."""
    return sys.modules["chat_server.server"].build_litestar(Server())


def _lend_routes() -> None:
    """They are built anew for settings with which they would be others."""
    server: Any = sys.modules["chat_server.server"]
    build, usual = server.build_litestar, _built()

    def lend(settings: Server) -> Any:
        ours = Server()
        same = (settings.max_body_bytes, settings.cors_origins) == (ours.max_body_bytes, ours.cors_origins)
        return usual if same else build(settings)

    server.build_litestar = lend


def _keep(request: dict[str, Any], stdin: int, stdout: int, stderr: int, status: int) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    ends_with_keeper = die_with_parent(signal.SIGKILL)
    pid = os.fork()
    if pid == 0:
        ends_with_keeper()
        os.close(status)
        _become(request, (stdin, stdout, stderr))
    for file in (stdin, stdout, stderr):
        os.close(file)
    os.write(status, b"%d\n" % pid)
    _, ended = os.waitpid(pid, 0)
    os.write(status, b"%d\n" % os.waitstatus_to_exitcode(ended))
    os._exit(0)


def _become(request: dict[str, Any], streams: tuple[int, int, int]) -> NoReturn:
    os.setsid()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if request["arguments"][:1] == ["chat-server"]:
        _lend_routes()
        if folder := os.environ.get(BUNDLES):
            sys.modules["chat_server.http.assets"].FOLDER = Path(folder)  # type: ignore[attr-defined]
    supervisor: Any = importlib.import_module("fechatter.processes.supervisor")
    supervisor.Server._spawn = _fork_worker
    _run_command(request["arguments"])


class _Worker:
    """A forked worker, with what a supervisor uses of a subprocess.Popen."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._returncode: int | None = None

    def wait(self) -> int:
        if self._returncode is None:
            self._returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._returncode

    def kill(self) -> None:
        if self._returncode is None:
            os.kill(self.pid, signal.SIGKILL)


def _fork_worker(server: Any, told: int, waits: int) -> _Worker:
    """In place of `Server._spawn`. A command's parts are forked from it as it has been from the nursery; four workers
    of one system would import for five seconds of a core. A worker's process is called `worker 1`."""
    ends_with_us = die_with_parent(signal.SIGKILL)
    if pid := os.fork():
        return _Worker(pid)
    try:
        ends_with_us()
        os.setsid()
        atexit._clear()  # what our parent has to do at its end
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        for descriptor in sorted({*map(int, os.listdir("/proc/self/fd"))} - {0, 1, 2, told, waits}):
            with suppress(OSError):  # that of the listing itself
                os.close(descriptor)
        os.environ.clear()
        os.environ.update(server._environment)
        Path("/proc/self/comm").write_text(f"worker {server._number}")
        setattr(metrics, metrics.join.__name__, _join_anew(server.name.replace("-", "_")))
        _run_command([server.name, "--ready-fd", told, "--start-fd", waits, "--worker", server._number])
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)  # never back into our parent's frames


def _join_anew(package: str) -> Callable[[int], None]:
    """`metrics.join` for a process whose metrics were made before: those of its package begin again, as a worker's."""
    join = metrics.join

    def anew(worker: int) -> None:
        join(worker)
        loaded = [module for name, module in sys.modules.items() if name.partition(".")[0] == package]
        for metric in {one for module in loaded for one in vars(module).values() if isinstance(one, MetricWrapperBase)}:
            if metric._is_observable():  # type: ignore[no-untyped-call]
                metric._metric_init()  # type: ignore[no-untyped-call]

    return anew


def _run_command(arguments: Sequence[Any]) -> NoReturn:
    from fechatter import cli

    try:
        status = cli.main([*map(str, arguments)])
    except SystemExit as ended:
        if not isinstance(ended.code, int):
            raise
        status = ended.code
    _end(status)


def _end(status: int) -> NoReturn:
    """As the interpreter ends, but without freeing all that was imported, which takes as long as a start."""
    with suppress(ChildProcessError):  # workers that a supervisor has given up, as a Popen does
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(status)  # the interpreter has something to say of that
    os._exit(status)


if __name__ == "__main__":
    _run(socket.socket(fileno=int(sys.argv[1])))
