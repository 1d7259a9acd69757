"""The chat client in a headless chromium, which is asked over the DevTools protocol what it costs.

A page's figures are CPU seconds of its main thread where that is possible, since machines that run this are shared.
"""

import json
import os
import shutil
import time
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import resources

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from bench.figures.result import BenchError
from bench.people import Person

PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
TIMEOUT_MS = 120_000
_WATCH = resources.files("bench.web").joinpath("watch.js").read_text()


def installed() -> bool:
    return any(shutil.which(name) for name in PROGRAMS)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        raise BenchError("there is no browser here (Debian: apt-get install chromium-headless-shell)")
    arguments = ["--disable-dev-shm-usage", "--enable-precise-memory-info"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield launched
        finally:
            await launched.close()


class Cost:
    """What the main thread has done since the mark: CPU seconds of its tasks, and seconds that have passed."""

    def __init__(self, devtools: CDPSession) -> None:
        self._devtools = devtools
        self._cpu = self._clock = 0.0

    async def mark(self) -> None:
        self._cpu, self._clock = (await metrics(self._devtools))["TaskDuration"], time.monotonic()

    async def since(self) -> tuple[float, float]:
        cpu = (await metrics(self._devtools))["TaskDuration"] - self._cpu
        return cpu, time.monotonic() - self._clock


class Visitor:
    """Somebody's browser: tabs that share what it stores. `faults` is what its pages complained of."""

    def __init__(self, context: BrowserContext, url: str, person: Person) -> None:
        self.context, self.url, self.person = context, url, person
        self.faults: list[str] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, browser: Browser, url: str, person: Person) -> AsyncIterator["Visitor"]:
        """A new one, signed in, which has fetched nothing of the client yet."""
        context = await browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
        context.set_default_timeout(TIMEOUT_MS)
        visitor = cls(context, url, person)
        context.on("weberror", lambda error: visitor.faults.append(str(error.error)))
        await context.add_init_script(_WATCH)
        try:
            page = await context.new_page()
            await page.goto("/pages/lib/icon.svg")
            await page.evaluate("(kept) => localStorage.setItem('fechatter.session', kept)", _session(person))
            await page.close()
            yield visitor
        finally:
            await context.close()

    async def tab(self) -> tuple[Page, CDPSession]:
        """An empty one, and its DevTools, which count CPU time."""
        page = await self.context.new_page()
        devtools = await self.context.new_cdp_session(page)
        await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        return page, devtools


async def metrics(devtools: CDPSession) -> dict[str, float]:
    found = (await devtools.send("Performance.getMetrics"))["metrics"]
    return {one["name"]: one["value"] for one in found}


async def heap(devtools: CDPSession) -> tuple[float, int]:
    """Bytes that are used once all is collected that can be, and DOM nodes."""
    for _ in range(2):  # what the first finds unreachable, finalizers may still hold
        await devtools.send("HeapProfiler.collectGarbage")
    found = await metrics(devtools)
    return found["JSHeapUsedSize"], int(found["Nodes"])


async def usable(page: Page) -> float:
    """Milliseconds from the navigation until the list of chats and a message are painted (watch.js)."""
    handle = await page.wait_for_function("() => globalThis.watched?.usableAt")
    return float(await handle.json_value())


def percentile(values: Sequence[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def _session(person: Person) -> str:
    """As `begin` and `keep` of web/lib/session.js: a session whose token outlives the measurement."""
    claims = person.token.split(".")[1]
    expires = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
    user = {"id": person.id, "fullname": f"Person {person.id}"}
    return json.dumps({"token": person.token, "user": user, "staleAt": (expires - 60) * 1000})
