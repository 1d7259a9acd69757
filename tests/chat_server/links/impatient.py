"""The process that fetches, with less patience than it has: `python -m tests.chat_server.links.impatient AGENT …`."""

import sys

from chat_server.links import worker

if __name__ == "__main__":
    worker.PAGE_SECONDS = worker.PICTURE_SECONDS = 0.5  # type: ignore[misc]
    worker.main(*sys.argv[1:])
