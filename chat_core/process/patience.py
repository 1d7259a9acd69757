"""Progress lines: work that takes long reports now and then that it is still running."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY_SECONDS = 2.0


@contextmanager
def still(report: Callable[[str], None], text: str, every_seconds: float = EVERY_SECONDS) -> Iterator[None]:
    """Reports "still " and `text` at this interval until the block ends, even if the block blocks."""
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
