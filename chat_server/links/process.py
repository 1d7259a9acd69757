"""Fetching what links lead to, in separate processes: see worker.py."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from chat_core.outgoing.targets import LONGEST
from chat_core.process.calls import CalledProcess, CalledProcesses
from chat_server.links.fetching import MOST_REDIRECTS

# Of one link: a page and a picture have 5 seconds each, and a resolver may take longer. Its process is killed then.
LONGEST_SECONDS: Final = 15.0
PROCESSES: Final = 4
# A page's redirects, then its picture and those of that.
_MORE_REQUESTS: Final = 2 * MOST_REDIRECTS + 1


class FetchFailed(Exception):
    """The process died or was too slow; the text says why."""


class Answer(msgspec.Struct, frozen=True):
    """What a URL has answered: `picture` has the bytes as they came, and `picture_failed` says that a page names one
    that did not come. `refused` says why there is nothing to show. `also_asked` has the hosts of all requests but the
    first."""

    title: str | None = None
    description: str | None = None
    site_name: str | None = None
    picture: bytes | None = None
    picture_failed: bool = False
    refused: str | None = None
    also_asked: Annotated[list[Annotated[str, Meta(max_length=LONGEST)]], Meta(max_length=_MORE_REQUESTS)] = []


class FetchProcess(CalledProcess):
    module = "chat_server.links.worker"
    failed = FetchFailed
    largest_answer = 3 << 20
    environment = frozenset({"PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "SSL_CERT_FILE", "LD_LIBRARY_PATH"})

    async def look(self, url: str, busy: Sequence[str] = ()) -> Answer:
        """Redirects and pictures on `busy` hosts are left out. Raises FetchFailed."""
        answer: Answer = await self.call("look", url, busy, kind=Answer)
        return answer


class Fetching(CalledProcesses[FetchProcess]):
    """`allowed`: hosts with their ports that may have any address."""

    def __init__(self, agent: str, allowed: list[str], longest_seconds: float = LONGEST_SECONDS) -> None:
        self.allowed = frozenset(allowed)
        super().__init__(
            "link previews",
            lambda: FetchProcess(agent, *allowed),
            longest_seconds=longest_seconds,
            processes=PROCESSES,
            waiting_each=PROCESSES,
            waiting_all=PROCESSES,
        )
