"""Child processes that end with us, work of low priority, and waiting for processes from any event loop. Linux: prctl,
pidfd, and a niceness for each thread."""

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


# How far below everybody else's priority it is that work is done which nobody's next event waits for.
_LOWER = 10


def lower_priority() -> None:
    """This thread, and those that it starts, leave the cores to others who want them. Linux: a thread has its own
    niceness."""
    thread = threading.get_native_id()
    os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + _LOWER))


async def gone(pid: int) -> None:
    """Return once the process has ended, ours or not. A child of ours is still to be reaped by its Popen."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        await anyio.wait_readable(pidfd)
    finally:
        os.close(pidfd)


async def end(pid: int, *steps: tuple[int, float]) -> None:
    """Send each signal in turn and wait up to so many seconds after it; SIGKILL if all were in vain."""
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
