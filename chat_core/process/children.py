"""Child processes that end with us, work at low priority, and waiting for processes from any event loop. Linux:
prctl, pidfd, a niceness for each thread, and one for each session."""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Callable

import anyio

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def die_with_parent(signum: int) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends the child `signum` when we die, even by kill -9."""
    parent = os.getpid()

    def arrange() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:  # we died before the call above
            os._exit(1)

    return arrange


# How much lower the priority of work is that nobody's next event waits for.
_LOWER = 10


def lower_priority() -> None:
    """Lowers the priority of this thread, and of those that it starts. Linux: each thread has its own niceness."""
    thread = threading.get_native_id()
    os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + _LOWER))


# Of a core that one other process wants too, a quarter is left: with 10 it would be a tenth, and documents would not be
# done in time on a busy machine.
_LOWER_SESSION = 5
# Without privileges, the kernel lets one session in a tenth of a second change its niceness.
_SESSION_TRIES, _SESSION_PAUSE_SECONDS = 20, 0.05


def lower_session_priority() -> None:
    """The same for a process that leads a session. Linux divides a core among sessions first, in equal parts, and a
    thread's niceness counts only within its session (sched(7), "The autogroup feature")."""
    lower_priority()
    if os.getsid(0) != os.getpid():
        raise RuntimeError("this process does not lead its session, whose priority is not its own to lower")
    try:
        session = os.open("/proc/self/autogroup", os.O_WRONLY)
    except OSError:  # no autogroups: niceness counts everywhere
        return
    try:
        for _ in range(_SESSION_TRIES):
            try:
                os.write(session, str(_LOWER_SESSION).encode())
            except BlockingIOError:
                time.sleep(_SESSION_PAUSE_SECONDS)
            else:
                return
    finally:
        os.close(session)


async def gone(pid: int) -> None:
    """Returns once the process has ended, ours or not. The Popen of our own child must still reap it."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        await anyio.wait_readable(pidfd)
    finally:
        os.close(pidfd)


async def end(pid: int, *steps: tuple[int, float]) -> None:
    """Sends each signal in turn and waits up to its number of seconds; SIGKILL if none has worked."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        for signum, seconds in (*steps, (signal.SIGKILL, 60)):
            try:
                signal.pidfd_send_signal(pidfd, signum)
            except ProcessLookupError:
                return
            with anyio.move_on_after(seconds):
                await anyio.wait_readable(pidfd)
                return
    finally:
        os.close(pidfd)
