"""What a piece of code may cost: guards against time that grows with the square of a length."""

import time
from collections.abc import Callable

TRIES = 3


def assert_costs_at_most(seconds: float, act: Callable[[], object]) -> None:
    """One of three runs of `act` takes at most so many seconds of this thread's CPU.

    A fault makes each run dear; a collection of garbage, or a machine that others use, makes one so.
    """
    spent = []
    for _ in range(TRIES):
        began = time.thread_time()
        act()
        spent.append(time.thread_time() - began)
        if spent[-1] <= seconds:
            return
    raise AssertionError(f"took {min(spent):.3f} s of CPU, and may take {seconds} s")
