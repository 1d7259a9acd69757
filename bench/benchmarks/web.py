"""The chat client of a package (bundles) in a headless chromium, for somebody with 1,000 chats: how it starts, what it
costs while 50 messages a second come, and what it holds after a long session.

- first load: the bytes of scripts and styles as they were sent, until the page can be used.
- start: from the navigation to the frame with the list of chats and a message; cold with 150 ms of latency and
  10 Mbit/s and nothing kept, warm from the service worker and the copy on the disk, with and without a network.
- chat switch: from the click to the frame with the chat's newest message, of chats that were open before.
- 50 messages/s, posted over HTTP, 5 of them in the chat that is open, where somebody writes meanwhile: the main
  thread's CPU time by chromium's own count, its longest task, and interactions by the Event Timing API.
- own send: from Enter to the frame that shows the message, and to the mark that the server has it.
- long session: messages as fast as the page takes them. Heap after collecting all garbage, halfway and in the end.

Nothing is beside these: what others have published is in docs/performance/web.md.
"""

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import CDPSession, Page

from bench import people, system
from bench.figures.result import BenchError, Result, Size
from bench.people import Person
from bench.system import System
from bench.web import packaged
from bench.web.page import Cost, Visitor, chromium, heap, percentile, usable
from bench.web.writers import fast_forward, talk
from fechatter.progress import say

LATENCY_MS, BITS_PER_SECOND = 150, 10_000_000
PER_SECOND, IN_OPEN_CHAT = 50, 5
KEPT_CHATS = 12


@dataclass(frozen=True, slots=True)
class Effort:
    """`events`: of the long session; `typed`: own messages."""

    chats: int
    rounds: int
    seconds: float
    typed: int
    events: int


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(30, 1, 2, 3, 400),
    "normal": Effort(1000, 5, 30, 100, 12_000),
    "full": Effort(1000, 9, 120, 300, 400_000),
}


@dataclass
class World:
    fechatter: System
    reader: Person
    writers: list[Person]
    chats: list[int]
    results: list[Result] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, most: float | None = None, note: str = "") -> None:
        target = f"≤ {most:g} {unit}" if most is not None else ""
        self.results.append(
            Result(name, value, unit, target=target, reached=value <= most if most is not None else None, note=note)
        )


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    folder = Path(tempfile.mkdtemp(prefix="fechatter-bench-web-"))
    folder.chmod(0o711)
    try:
        code = packaged.packaged(folder / "package")
        async with AsyncExitStack() as stack:
            fechatter = await stack.enter_async_context(system.running(code))
            browser = await stack.enter_async_context(chromium())
            world = await _populate(fechatter, effort)
            visitor = await stack.enter_async_context(Visitor.of(browser, fechatter.chat, world.reader))
            await _starts(world, visitor, effort)
            page, devtools = await visitor.tab()
            await page.goto(f"/chat/{world.chats[0]}")
            await usable(page)
            await _switches(world, page, devtools, effort)
            await _talk(world, page, devtools, effort)
            await _own(world, page, effort)
            await _long_session(world, page, devtools, effort)
            if visitor.faults:
                raise BenchError(f"the page complained: {visitor.faults[0]}")
    finally:
        shutil.rmtree(folder)
    return world.results


async def _populate(fechatter: System, effort: Effort) -> World:
    """Everybody is in all chats, each of which has a page of messages or two, which were read."""
    workspace = await people.add_workspace(fechatter.sql)
    reader, *writers = await people.add_people(fechatter.sql, fechatter.signer, workspace, 9)
    chats = await people.add_chats(fechatter.sql, workspace, effort.chats, [reader, *writers])
    await people.add_messages(fechatter.sql, chats, 60)
    await people.read_all(fechatter.sql, chats)
    await people.settle(fechatter.sql)
    return World(fechatter, reader, writers, chats)


async def _starts(world: World, visitor: Visitor, effort: Effort) -> None:
    say("starts")
    page, devtools = await visitor.tab()
    await devtools.send("Network.enable")
    await devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BITS_PER_SECOND / 8,
            "uploadThroughput": BITS_PER_SECOND / 8,
        },
    )
    cost = Cost(devtools)
    await cost.mark()
    await page.goto(f"/chat/{world.chats[0]}", wait_until="commit")
    cold, (cpu, _) = await usable(page), await cost.since()
    entries = "performance.getEntriesByType('resource').filter(({ name, startTime }) => /\\.(js|css)$/.test(name)"
    size = await page.evaluate(
        f"{entries} && startTime < watched.usableAt).reduce((sum, {{ encodedBodySize }}) => sum + encodedBodySize, 0)"
    )
    world.add("first load, scripts and styles", size / 1000, "kB", 90)
    note = f"CPU of the main thread {1000 * cpu:.0f} ms"
    world.add(f"cold start, {LATENCY_MS} ms and 10 Mbit/s", cold, "ms", 1500, note=note)
    while not await page.evaluate(_IS_KEPT):  # noqa: ASYNC110 - playwright's own wait takes each promise for true
        await asyncio.sleep(0.05)
    await page.close()
    for name, offline in (("warm start", False), ("warm start, offline", True)):
        walls, cpus = [], []
        for _ in range(effort.rounds):
            page, devtools = await visitor.tab()
            await visitor.context.set_offline(offline)
            cost = Cost(devtools)
            await cost.mark()
            await page.goto(f"/chat/{world.chats[0]}", wait_until="commit")
            walls.append(await usable(page))
            cpus.append((await cost.since())[0])
            await page.close()
        await visitor.context.set_offline(False)
        chats = f"{len(world.chats):,} chats"
        world.add(f"{name}, {chats}", percentile(walls, 0.5), "ms", 200)
        world.add(f"{name}, {chats}, CPU", 1000 * percentile(cpus, 0.5), "ms", 120)


# The service worker has a complete set, and the disk has a copy.
_IS_KEPT = """async () => {
    await navigator.serviceWorker.ready;
    const sets = (await caches.keys()).filter((name) => /^fechatter-/.test(name));
    const complete = await Promise.all(sets.map(async (name) => (await caches.open(name)).match("/complete")));
    return complete.some(Boolean) && (await indexedDB.databases()).length > 0;
}"""


async def _switches(world: World, page: Page, devtools: CDPSession, effort: Effort) -> None:
    say("chat switches")
    ids = await page.evaluate(
        "[...document.querySelectorAll('.sidebar a.row[data-chat]')].map((row) => row.dataset.chat)"
    )
    ids = [int(id_) for id_ in ids if int(id_) != world.chats[0]][:KEPT_CHATS]
    open_ = "([id, newest]) => watched.open(id, newest)"
    query = "SELECT max(id) FROM messages WHERE chat_id = ANY ($1) GROUP BY chat_id ORDER BY chat_id"
    newest = dict(zip(sorted(ids), (row[0] for row in await world.fechatter.sql.fetch(query, ids)), strict=True))
    for chat in newest.items():
        await page.evaluate(open_, chat)
    cost, walls = Cost(devtools), []
    await cost.mark()
    for _ in range(effort.rounds):
        walls += [await page.evaluate(open_, chat) for chat in newest.items()]
    cpu = (await cost.since())[0] / len(walls)
    world.add(
        "chat switch, cached, p50", percentile(walls, 0.5), "ms", 50, note=f"p99 {percentile(walls, 0.99):.0f} ms"
    )
    world.add("chat switch, cached, CPU", 1000 * cpu, "ms")
    await page.locator(f".sidebar a.row[data-chat='{world.chats[0]}']").click()


async def _talk(world: World, page: Page, devtools: CDPSession, effort: Effort) -> None:
    say(f"{PER_SECOND} messages/s for {effort.seconds:.0f} s")
    cost = Cost(devtools)
    await page.locator("textarea").click()
    await page.evaluate("Object.assign(watched, { longest: 0, long: 0, inputs: [] })")
    talking = asyncio.create_task(
        talk(world.fechatter.chat, world.writers, world.chats, PER_SECOND, IN_OPEN_CHAT, effort.seconds)
    )
    await cost.mark()
    while not talking.done():
        await page.keyboard.type("so ")
        await asyncio.sleep(0.2)
    posted = await talking
    cpu, seconds = await cost.since()
    found = await page.evaluate("({ longest: watched.longest, long: watched.long, inputs: watched.inputs })")
    await page.locator("textarea").fill("")
    inputs = [duration for _, duration in found["inputs"]]
    note = f"{posted / seconds:.0f} messages/s, {IN_OPEN_CHAT} of them in the open chat; with 10 keys/s typed"
    world.add(f"{PER_SECOND} messages/s, main thread", 100 * cpu / seconds, "%", 12, note=note)
    world.add(
        f"{PER_SECOND} messages/s, longest task",
        found["longest"],
        "ms",
        50,
        note=f"{found['long']} over 50 ms, by the clock",
    )
    if inputs:
        note = f"of {len(inputs)} that took 16 ms or more, by the clock"
        world.add(f"{PER_SECOND} messages/s, interactions, p98", percentile(inputs, 0.98), "ms", 100, note=note)


async def _own(world: World, page: Page, effort: Effort) -> None:
    say(f"{effort.typed} own messages")
    await page.evaluate("watched.noteSent()")
    await page.locator("textarea").click()
    for number in range(effort.typed):
        await page.keyboard.insert_text(f"own message {number}")
        await page.keyboard.press("Enter")
        await page.wait_for_function("(n) => watched.confirmed.length > n && watched.painted.length > n", arg=number)
    await page.evaluate("watched.noting.disconnect()")
    found = await page.evaluate("({ painted: watched.painted, confirmed: watched.confirmed })")
    painted, confirmed = ([ms for _, ms in found[name]] for name in ("painted", "confirmed"))
    world.add("own send, painted, p50", percentile(painted, 0.5), "ms", note=f"p99 {percentile(painted, 0.99):.0f} ms")
    world.add("own send, confirmed, p50", percentile(confirmed, 0.5), "ms")
    world.add("own send, confirmed, p99", percentile(confirmed, 0.99), "ms", 50)


async def _long_session(world: World, page: Page, devtools: CDPSession, effort: Effort) -> None:
    say(f"a session of {effort.events:,} messages")
    sizes = []
    for part in (1, 2):
        async for marker in fast_forward(world.fechatter.sql, world.chats, effort.events // 2, f"part {part}"):
            await page.wait_for_function(_SHOWS, arg=marker)
        sizes.append(await heap(devtools))
    (halfway, _), (end, nodes) = sizes
    events = f"{effort.events:,} messages"
    world.add(f"heap after {events}", end / 1e6, "MB", 60)
    world.add("heap, growth over the last half", (end - halfway) / 1e6, "MB", 5)
    world.add(f"DOM nodes after {events}", nodes, "", 5000)


_SHOWS = "(text) => [...document.querySelectorAll('article.entry')].at(-1)?.textContent.includes(text)"
