"""Lines for whoever waits: work that takes long says now and then that it is still under way."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY_SECONDS = 2.0


@contextmanager
def still(report: Callable[[str], None], text: str, every_seconds: float = EVERY_SECONDS) -> Iterator[None]:
    """Report "still " and `text` every so many seconds until the block ends, whatever it blocks."""
    over = threading.Event()

    def tell() -> None:
        while not over.wait(every_seconds):
            report(f"still {text}")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
