"""Child processes that end with us, work at low priority, and waiting for processes from any event loop. Linux:
prctl, pidfd, and a niceness for each thread."""

import ctypes
import os
import signal
import threading
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
