"""Real browsers on the pages: Debian's chromium, driven by playwright.

Whatever a page complains of is a fault of ours: errors on the console, exceptions that nobody catches, and what its
Content-Security-Policy had to forbid.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

import anyio
import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, async_playwright, expect

# The first is chromium without a window to draw, which saves a third of the processor.
PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
TIMEOUT_MS = 30_000
# Characters from which on a text is not typed key by key.
LONG_TEXT = 100
# A name that browsers resolve to this machine, which is none of its own names.
OTHER_NAME = "boards.test"
# Without network every request of a page is an error on the console.
OFFLINE = "net::ERR_INTERNET_DISCONNECTED"

# A violation is told on the console too; the event says which rule it was.
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    console.error(`forbidden by ${violatedDirective}: ${blockedURI}`));
"""


# As `begin` and `keep` of web/lib/session.js.
_KEEP_SESSION = """
({ token, user, device_token }) => {
  const { iat, exp } = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  const staleAt = Date.now() + (exp - iat - 1 - Math.min(30, (exp - iat) / 4)) * 1000;
  localStorage.setItem("fechatter.device", device_token);
  localStorage.setItem("fechatter.session", JSON.stringify({ token, user, staleAt }));
}
"""


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("there is no browser here (Debian: apt-get install chromium-headless-shell)")
    expect.set_options(timeout=TIMEOUT_MS)
    # In a container there is little shared memory, and as root chromium's own sandbox cannot be had.
    arguments = ["--disable-dev-shm-usage", f"--host-resolver-rules=MAP {OTHER_NAME} 127.0.0.1"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield launched
        finally:
            await launched.close()


async def until(page: Page, expression: str, arg: object = None) -> None:
    """Until what an expression gives in a page, or promises, is true. To `wait_for_function` each promise is true."""
    async with asyncio.timeout(TIMEOUT_MS / 1000):
        while not await page.evaluate(expression, arg):  # noqa: ASYNC110 - pages signal nothing to a test
            await asyncio.sleep(0.02)


class Window:
    """Somebody's browser: tabs that share what it stores. `faults` is what its pages complained of."""

    def __init__(self, context: BrowserContext, forgiven: Sequence[str]) -> None:
        self.context, self._forgiven = context, forgiven
        self.faults: list[str] = []
        self._user: str | None = None

    @classmethod
    @asynccontextmanager
    async def of(
        cls, browser: Browser, url: str, *, forgiven: Sequence[str] = (), offline: bool = False, **options: Any
    ) -> AsyncIterator["Window"]:
        """A new one on the pages of the server at `url`; it must have had no faults but those `forgiven`. With
        `offline` the chats may install their service worker, which fetches all files that they could ever need."""
        workers: Literal["allow", "block"] = "allow" if offline else "block"
        context = await browser.new_context(base_url=url, reduced_motion="reduce", service_workers=workers, **options)
        context.set_default_timeout(TIMEOUT_MS)
        await context.add_init_script(_TELL_VIOLATIONS)
        window = cls(context, (OFFLINE, *forgiven))
        context.on("console", window._hear)
        context.on("weberror", lambda error: window.faults.append(str(error.error)))
        try:
            yield window
        finally:
            await context.close()
        assert not window.faults, window.faults

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in self._forgiven):
            self.faults.append(message.text)

    async def tab(self, path: str, email: str, password: str) -> "Tab":
        """A new tab on a page; with the first one signs in, for all. If `path` is a URL, at another origin, the page
        that asks for it on the way is what signs in."""
        page = await self.context.new_page()
        elsewhere = not path.startswith("/")
        if self._user is None and not elsewhere:
            await self._sign_in(page, email, password)
        await page.goto(path)
        if self._user is None and elsewhere:
            await sign_in(page, email, password)
            await page.wait_for_url(f"**{path}")
        self._user = self._user or email
        assert self._user == email, "a browser is one person's"
        return Tab(page)

    async def _sign_in(self, page: Page, email: str, password: str) -> None:
        """As the page does it that signs in (web/lib/session.js), which would be loaded as well, and the other twice:
        that takes as long as many a test. tests/end_to_end/test_signin_page.py has that page."""
        body = {"email": email, "password": password}
        answer = await self.context.request.post("/api/auth/signin", data=body, headers={"Fechatter-Session": "cookie"})
        assert answer.ok, await answer.text()
        given = await answer.json()
        await page.goto("/pages/lib/icon.svg")
        await page.evaluate(_KEEP_SESSION, given)


NewWindow: TypeAlias = Callable[..., Awaitable[Window]]


class Tab:
    """A page with a board, and what people see and do on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stage = page.locator("#stage")
        self.elements = page.locator(".element")
        self.cursors = page.locator(".cursor")
        self.people = page.get_by_role("list", name="Who is here").get_by_role("button")

    async def until(self, status: str) -> None:
        await expect(self.page.locator("#status")).to_have_attribute("data-status", status)

    async def until_kept(self) -> None:
        """Until the browser has stored what was edited here."""
        await expect(self.page.locator("#status")).to_have_attribute("data-kept", "true")

    def element(self, text: str) -> Locator:
        return self.elements.filter(has_text=text)

    async def tool(self, name: str) -> None:
        await self.page.get_by_role("toolbar", name="Tools").get_by_role("button", name=name, exact=True).click()

    async def colour(self, name: str) -> None:
        await self.page.locator("#colours").get_by_role("button", name=name).click()

    async def write(self, tool: str, at: tuple[int, int], text: str, colour: str | None = None) -> None:
        """Puts a note or a text somewhere, by mouse."""
        await self.tool(tool)
        if colour is not None:
            await self.colour(colour)
        await self.page.mouse.click(*at)
        # Each key takes the page some milliseconds; long texts come at once, as from an input method.
        enter = self.page.keyboard.type if len(text) < LONG_TEXT else self.page.keyboard.insert_text
        await enter(text)
        await self.page.keyboard.press("Escape")
        await expect(self.element(text)).to_be_visible()

    async def drag(self, *way: tuple[float, float]) -> None:
        await self.page.mouse.move(*way[0])
        await self.page.mouse.down()
        for place in way[1:]:
            await self.page.mouse.move(*place, steps=4)
        await self.page.mouse.up()

    async def places(self) -> dict[str, tuple[str, str, str]]:
        """What is where: of each element its kind, its text and its place on the board."""
        found: dict[str, tuple[str, str, str]] = await self.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll(".element")].map((node) =>
                [node.dataset.id, [node.dataset.kind, node.textContent, node.style.transform]]))"""
        )
        return found

    async def picture(self, name: str) -> None:
        await picture(self.page, name)


async def picture(page: Page, name: str, *, height: int | None = None) -> None:
    """A screenshot for the documentation, if the environment asks for it: PICTURES=docs/pictures. With a height it is
    of a window of 480 pixels."""
    if folder := os.environ.get("PICTURES"):
        if height is not None:
            await page.set_viewport_size({"width": 480, "height": height})
        await page.screenshot(path=Path(folder, f"{name}.png"))


async def sign_in(page: Page, email: str, password: str) -> None:
    """On the page that asks for it."""
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def pinch(page: Page, before: Sequence[tuple[int, int]], after: Sequence[tuple[int, int]]) -> None:
    """Two fingers are put down, and drawn from here to there."""
    fingers = await page.context.new_cdp_session(page)
    for what, places in (("touchStart", before), ("touchMove", after), ("touchEnd", ())):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        await fingers.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})
    await fingers.detach()


async def same(one: Tab, other: Tab) -> None:
    """Waits until both show the same elements with the same texts at the same places."""
    with anyio.fail_after(TIMEOUT_MS / 1000):
        while True:
            if await one.places() == await other.places():
                break
            await anyio.sleep(0.02)  # asked without a pause, both pages would have less time to come to it


# In a page: whether it shows what `Tab.places` has found elsewhere.
SHOWS = """(wanted) => {
    const nodes = [...document.querySelectorAll(".element")];
    const shown = ({ dataset, textContent, style }) => [dataset.kind, textContent, style.transform];
    return nodes.length === Object.keys(wanted).length &&
        nodes.every((node) => JSON.stringify(wanted[node.dataset.id]) === JSON.stringify(shown(node)));
}"""

# In a page: what can be pressed or written in and has no name.
UNNAMED = """() => [...document.querySelectorAll("button, a, input, select, textarea")].filter((control) =>
    !(control.getAttribute("aria-label") || control.textContent.trim() || control.labels?.length))
    .map((control) => control.outerHTML)"""

# In a page: which rules of its policy are broken by all that a page should not do.
BREAK_THE_POLICY = """async () => {
    const broken = [];
    const events = new Promise((resolve) => document.addEventListener("securitypolicyviolation", (event) => {
        if (broken.push(event.effectiveDirective) === 4) resolve(broken);
    }));
    document.body.append(Object.assign(document.createElement("img"), { src: "https://example.com/x.png" }));
    document.body.setAttribute("style", "color: red");
    await fetch("https://example.com/").catch(() => {});
    try { document.body.innerHTML = "<b>text that is taken for HTML</b>"; } catch { /* as it should be */ }
    return events;
}"""
