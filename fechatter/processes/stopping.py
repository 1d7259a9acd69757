"""Stopping a command that runs until a signal: the first signal stops it gracefully, later ones immediately."""

import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import anyio
from anyio.abc import TaskStatus


async def until_signal(
    run: Callable[[], Awaitable[None]], hurry: Callable[[], None], tell: Callable[[str], None]
) -> None:
    """Runs until SIGINT, SIGTERM or SIGHUP cancels it, and returns when it has ended. `hurry` is called for each
    further signal, and `tell` with a line for every one. Raises what `run` raises, and of several errors the first."""
    with _first_error():
        async with anyio.create_task_group() as group:
            with anyio.CancelScope() as scope:
                await group.start(_watch_signals, scope.cancel, hurry, tell)
                await run()
            group.cancel_scope.cancel()


async def _watch_signals(
    stop: Callable[[], None], hurry: Callable[[], None], tell: Callable[[str], None], *, task_status: TaskStatus[None]
) -> None:
    """A SIGHUP that was ignored (nohup) stays so."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    try:
        with anyio.open_signal_receiver(*signals) as received:
            task_status.started()
            act, text = stop, "stopping; press Ctrl-C again to stop without draining"
            async for number in received:
                tell(f"{signal.Signals(number).name}: {text}")
                act()
                act, text = hurry, "hurrying"
    finally:
        for number in signals:  # everything has stopped, so another Ctrl-C changes nothing
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def _first_error() -> Iterator[None]:
    """Task groups raise groups; here the first error is the cause."""
    try:
        yield
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None
