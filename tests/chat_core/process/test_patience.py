"""Whoever waits is told so, and nobody is once it is over."""

import threading

from chat_core.process.patience import still


def test_work_that_takes_long_says_so_until_it_ends() -> None:
    said: list[str] = []
    twice = threading.Event()

    def report(text: str) -> None:
        said.append(text)
        if len(said) == 2:
            twice.set()

    with still(report, "at it", every_seconds=0.01):
        assert twice.wait(10)
    told = len(said)
    assert set(said) == {"still at it"}
    with still(report, "at it", every_seconds=60):
        pass
    assert len(said) == told
