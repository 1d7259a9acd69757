"""The process that fetches what links lead to: `python -m chat_server.links.worker AGENT HOST:PORT …`. The hosts may
have any address. It knows no secret, and reaches no file but Python's and those that the resolver needs."""

import http.client
import os
import signal
import ssl
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import certifi

from chat_core.outgoing.refused import Refused
from chat_core.process.calls import serve
from chat_core.process.children import lower_priority
from chat_server.links.documents import Said, said, text_of
from chat_server.links.fetching import Fetched, Fetcher
from chat_server.links.urls import joined
from chat_server.media.confinement import NOT_FOR_FETCHING, allow_cpu, confine

MEMORY_BYTES: Final = 256 << 20
CPU_SECONDS: Final = 10
PAGE_SECONDS: Final = 5.0
PICTURE_SECONDS: Final = 5.0
PAGE_BYTES: Final = 512 << 10
PICTURE_BYTES: Final = 2 << 20

_PICTURES: Final = {"image/": PICTURE_BYTES}
_PAGES: Final = {"text/html": PAGE_BYTES, "application/xhtml+xml": PAGE_BYTES, **_PICTURES}
_RESOLVER: Final = Path("/etc/resolv.conf")
_READ: Final = (
    *("/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols"),
    *("/etc/ssl", "/etc/pki", "/run/systemd/resolve"),
)
_FAILURES: Final = (OSError, http.client.HTTPException, UnicodeError)


class TooSlow(Exception):
    """The alarm rang. It is no OSError, which a step on the wire might take for its own."""


class Asking:
    """The hosts that are asked for one link. `busy` ones are not, but for the link's own, of which the caller knows."""

    def __init__(self, busy: Collection[str]) -> None:
        self._busy = busy
        self.hosts: list[str] = []

    def __call__(self, host: str) -> None:
        """Before each request. Raises Refused."""
        if self.hosts and host != self.hosts[0] and host in self._busy:
            raise Refused(f"{host} has been asked too often."[:200])
        self.hosts.append(host)


def look(fetcher: Fetcher, url: str, busy: Collection[str]) -> dict[str, Any]:
    """What is shown of this URL: `title`, `description`, `site_name`, and the bytes of `picture`; or why nothing is, as
    `refused`. `also_asked`: the hosts of all requests but the first. Redirects and pictures lead to no `busy` one."""
    allow_cpu(CPU_SECONDS)
    asking = Asking(busy)
    seen = _seen(fetcher, url, asking)
    return seen | {"also_asked": asking.hosts[1:]}


def _seen(fetcher: Fetcher, url: str, asking: Asking) -> dict[str, Any]:
    try:
        with _alarm(PAGE_SECONDS):
            page = fetcher.fetch(url, _PAGES, asking)
            if page.media_type.startswith("image/"):
                return {"picture": _whole(page)}
            told = said(text_of(page.body, page.charset))
    except Refused as refused:
        return {"refused": str(refused)}
    except TooSlow:
        return {"refused": "It takes too long."}
    except _FAILURES as error:
        return {"refused": f"{type(error).__name__}: {error}"[:500]}
    if told.title is None and told.description is None:
        return {"refused": "It does not say what it is."}
    shown = {"title": told.title, "description": told.description, "site_name": told.site_name}
    picture = _picture(fetcher, page, told, asking)
    return shown | {"picture": picture, "picture_failed": told.image is not None and picture is None}


def _picture(fetcher: Fetcher, page: Fetched, told: Said, asking: Asking) -> bytes | None:
    """The one that a page names, if there is one: the page is shown without it too."""
    if told.image is None:
        return None
    try:
        base = joined(page.target.url, told.base) if told.base else page.target.url
        with _alarm(PICTURE_SECONDS):
            return _whole(fetcher.fetch(joined(base, told.image), _PICTURES, asking))
    except (Refused, TooSlow, *_FAILURES):
        return None


def _whole(picture: Fetched) -> bytes:
    if picture.cut:
        raise Refused("It is a picture of more than 2 MiB.")
    return picture.body


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Of everything within, however slowly each byte comes; but for the resolver, which the caller stops."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlow


def _resolver() -> tuple[int, int] | None:
    try:
        there = _RESOLVER.stat()
    except OSError:
        return None
    return there.st_ino, there.st_mtime_ns


def main(agent: str, *exempt: str) -> None:
    tls = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
    fetcher, resolver = Fetcher(agent, tls, frozenset(exempt)), _resolver()
    signal.signal(signal.SIGALRM, _ring)

    def answer(url: str, busy: Collection[str]) -> dict[str, Any]:
        if _resolver() != resolver:  # the new file is not one that this process may read: another one can
            raise SystemExit
        return look(fetcher, url, frozenset(busy))

    confine(MEMORY_BYTES, 0, [_RESOLVER, *map(Path, _READ)], [], denied=NOT_FOR_FETCHING)
    lower_priority()
    serve({"look": answer}, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(*sys.argv[1:])
