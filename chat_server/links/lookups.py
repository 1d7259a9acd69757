"""Looks up the links of messages: follows the log by a stored position, takes messages from a queue, and shows in each
what its links lead to.

Posting does nothing for it. The queue is a table (`link_lookups`), and a message that is taken from it comes back if
the server dies meanwhile. The requests are made by processes that hostile answers may crash (worker.py), and pictures
are decoded by the one that decodes files (chat_server/media). What a URL has answered is good for a day, a failure for
an hour, a page without the picture that it names until that is asked for again.
"""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from weakref import WeakValueDictionary

import asyncpg
import msgspec
import structlog
from anyio import to_thread
from prometheus_client import Counter

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.outgoing.refused import Refused
from chat_core.outgoing.targets import target
from chat_core.problems import Problem
from chat_core.storage import Blobs, StoreUnavailable
from chat_core.waiting import wait_at_most
from chat_server.files.new_blobs import stored_copies
from chat_server.files.types import sniff
from chat_server.links import urls
from chat_server.links.hosts import Hosts
from chat_server.links.own import is_own, own_link
from chat_server.links.process import PROCESSES, Answer, FetchFailed, Fetching
from chat_server.media.process import LookFailed, Media

PERIOD_SECONDS: Final = 1.0
# After a failure of the database.
RETRY_SECONDS: Final = 10.0
# Without a link, after which the processes end.
IDLE_SECONDS: Final = 60.0
EVENTS: Final = 5000
MOST_WAITING: Final = 10_000
MOST_OF_SENDER: Final = 100
# All links of a message, one after the other.
LEASE_SECONDS: Final = 180.0
# A message that servers have died of is not looked at any more.
MOST_TRIES: Final = 3
DAY_SECONDS: Final = 86_400.0
# What failed may succeed soon.
HOUR_SECONDS: Final = 3600.0
# When a picture that failed is asked for again; then after ten times as long, as often as MOST_TRIES allows.
PICTURE_SECONDS: Final = 60.0
_NAME: Final = "thumbnail"

LINK_LOOKUP_CLAIM = query("link_lookup_claim", "seconds", "busy")
LINK_LOOKUP_END = query("link_lookup_end", "message", "most_tries")
LINK_LOOKUP_PUT_OFF = query("link_lookup_put_off", "message", "seconds")
LINKS_FOLLOW = query("links_follow", "amount", "most_waiting", "most_of_sender")
LINKS_KNOWN = query("links_known", "hashes")
LINKS_SHOW = query("links_show", "message", "content", "found", "again_seconds")

Json = dict[str, Any]

_log = structlog.get_logger()


class Later(Exception):
    """The message is looked at again after this many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds:.0f} s")
        self.seconds = seconds


class Lookups:
    """`media` is None if this server decodes no pictures. `origins` are those of this server. `fetched` counts
    outcomes: shown, nothing (to show), failed."""

    def __init__(
        self,
        pool: Pool,
        blobs: Blobs,
        media: Media | None,
        fetching: Fetching,
        origins: Iterable[str],
        fetched: Counter,
    ) -> None:
        self._pool, self._blobs, self._media, self._fetching = pool, blobs, media, fetching
        self._origins, self._fetched = tuple(origins), fetched
        self._hosts = Hosts()
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()
        # By sender, each of whom has one message at a time: nobody's slow links keep others waiting.
        self._running: dict[int, asyncio.Task[None]] = {}
        self._free = asyncio.Event()

    async def run(self) -> None:
        """Runs until cancelled. Failures, such as an unavailable database, are logged and retried."""
        try:
            while True:
                try:
                    await self._follow()
                except Exception as error:
                    _log.warning("looking up links failed", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            tasks = list(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._fetching.close()

    async def _follow(self) -> None:
        """Until cancelled."""
        worked_at = time.monotonic()
        while True:
            self._free.clear()
            read = await LINKS_FOLLOW.value(
                self._pool, amount=EVENTS, most_waiting=MOST_WAITING, most_of_sender=MOST_OF_SENDER
            )
            while len(self._running) < PROCESSES:
                busy = list(self._running)
                message = await LINK_LOOKUP_CLAIM.row(self._pool, seconds=LEASE_SECONDS, busy=busy)
                if message is None:
                    break
                self._running[message["sender_id"]] = asyncio.create_task(self._look_up(message))
            if self._running:
                worked_at = time.monotonic()
            elif time.monotonic() - worked_at > IDLE_SECONDS:
                await self._fetching.end_idle()  # nobody else takes a turn
            if read < EVENTS:
                await wait_at_most(PERIOD_SECONDS, self._free)

    async def _look_up(self, message: asyncpg.Record) -> None:
        message_id, sender_id = message["message_id"], message["sender_id"]
        try:
            if message["tries"] > MOST_TRIES:
                _log.warning("servers have ended while they looked up its links", message_id=message_id)
                await LINK_LOOKUP_END.value(self._pool, message=message_id, most_tries=MOST_TRIES)
                return
            await self._show(message_id, sender_id, message["content"], message["tries"])
        except Later as later:
            await LINK_LOOKUP_PUT_OFF.value(self._pool, message=message_id, seconds=later.seconds)
        except Exception as error:  # it is due again after its lease
            _log.warning("links were not looked up", message_id=message_id, error=f"{type(error).__name__}: {error}")
        finally:
            self._running.pop(sender_id, None)
            self._free.set()

    async def _show(self, message_id: int, sender_id: int, content: str, tries: int) -> None:
        found: list[Json] = []
        wait_seconds = PICTURE_SECONDS * 10 ** (tries - 1) if tries < MOST_TRIES else None
        foreign = {_sha256(url): url for url in urls.find(content) if not is_own(url, self._origins)}
        async with contextlib.AsyncExitStack() as held:
            # One message asks for a URL at a time, and the others find what it has answered. In one order, for all.
            for sha256 in sorted(foreign):
                await held.enter_async_context(self._locks.setdefault(sha256, asyncio.Lock()))
            rows = await LINKS_KNOWN.rows(self._pool, hashes=list(foreign))
            known = {row["url_sha256"]: row["id"] for row in rows}
            self._make_sure_of(url for sha256, url in foreign.items() if sha256 not in known)
            for url in urls.find(content):
                sha256 = _sha256(url)
                if sha256 not in foreign:
                    found += _own(url)
                elif sha256 in known:
                    found.append({"url": url, "preview_id": known[sha256]})
                else:
                    fetched = await self._fetched_of(url, sender_id, wait_seconds)
                    found.append({"url": url, "url_sha256": sha256.hex(), **fetched})
            encoded = msgspec.json.encode(found).decode()
            again = wait_seconds if any(link.get("seconds") == wait_seconds for link in found) else None
            shown = {"message": message_id, "content": content, "found": encoded, "again_seconds": again}
            if not await LINKS_SHOW.value(self._pool, **shown):
                _log.info("links of an older text are dropped", message_id=message_id)
                await LINK_LOOKUP_END.value(self._pool, message=message_id, most_tries=MOST_TRIES)

    def _make_sure_of(self, links: Iterable[str]) -> None:
        """That their hosts may be asked now. Raises Later."""
        hosts = []
        for url in links:
            with contextlib.suppress(Refused):
                hosts.append(target(url, self._fetching.allowed).host)
        if (seconds := self._hosts.wait_seconds(hosts, time.monotonic())) > 0:
            raise Later(seconds)

    async def _fetched_of(self, url: str, sender_id: int, picture_again: float | None) -> Json:
        """It is good for `picture_again` seconds if its picture failed, unless that is None."""
        answer = await self._answer(url, sender_id)
        if answer.refused is not None:
            _log.info("nothing is shown of a link", host=_host(url), why=answer.refused)
            self._fetched.labels("nothing").inc()
            return {"shown": None, "picture": None, "seconds": HOUR_SECONDS}
        picture, image, has_failed = await self._picture(answer)
        if picture is None and answer.title is None and answer.description is None:
            self._fetched.labels("nothing").inc()
            return {"shown": None, "picture": None, "seconds": HOUR_SECONDS}
        self._fetched.labels("shown").inc()
        shown = {
            "kind": "website",
            "title": answer.title,
            "description": answer.description,
            "site_name": answer.site_name,
            "image": image,
        }
        seconds = DAY_SECONDS if not has_failed else picture_again or HOUR_SECONDS
        return {"shown": shown, "picture": picture, "seconds": seconds}

    async def _answer(self, url: str, sender_id: int) -> Answer:
        for _ in range(2):  # a process may have died of another link's memory, or have been killed
            try:
                async with self._fetching.turn(sender_id) as process:
                    answer = await process.look(url, self._hosts.busy(time.monotonic()))
                for host in answer.also_asked:
                    self._hosts.asked(host, time.monotonic())
                return answer
            except FetchFailed as error:
                failure = str(error)
        self._fetched.labels("failed").inc()
        return Answer(refused=failure)

    async def _picture(self, answer: Answer) -> tuple[Json | None, Json | None, bool]:
        """Where it is stored, what is shown of it (nothing if it cannot be decoded), and whether to try again."""
        picture = answer.picture
        if self._media is None:
            return None, None, False
        if picture is None or sniff(picture[:4096]) not in _PICTURES:
            return None, None, answer.picture_failed
        try:
            with (
                TemporaryDirectory(dir=self._media.originals) as given,
                TemporaryDirectory(dir=self._media.copies) as made,
            ):
                path = Path(given) / "original"
                await to_thread.run_sync(path.write_bytes, picture)
                async with self._media.turn("links") as process:
                    seen = await process.look(path, sniff(picture[:4096]), Path(made))
                copy = next((copy for copy in seen.files if copy.name == f"{_NAME}.webp"), None)
                if copy is None:
                    return None, None, False
                folder, seconds = Path(made), 2 * LEASE_SECONDS
                [place] = await stored_copies(self._pool, self._blobs, folder, [copy], seconds=seconds)
                return place, {"width": copy.width, "height": copy.height}, False
        except (LookFailed, Problem, StoreUnavailable, OSError) as error:
            _log.info("a picture of a link is not shown", error=f"{type(error).__name__}: {error}")
            return None, None, True


_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"})


def _own(url: str) -> list[Json]:
    """A reference to something on this server, of which each reader is shown what they may see."""
    if (link := own_link(url)) is None:
        return []
    nothing = dict.fromkeys(("title", "description", "site_name", "image"))
    return [{"url": url, "kind": link.kind, "id": link.id, **nothing}]


def _sha256(url: str) -> bytes:
    """Of what is asked for, which is without a fragment."""
    return hashlib.sha256(url.partition("#")[0].encode()).digest()


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0][:255]
