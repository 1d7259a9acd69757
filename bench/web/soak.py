"""`make soak-web`: the chat client in a browser for half an hour of what a day does to a page, and whether what it has
in the end is what the server has.

20 messages a second come to several chats, with edits, reactions and deletions. Meanwhile one goes from chat to chat,
opens and closes a second tab, is frozen as a browser freezes tabs (and a laptop's lid), loses the network, writes, and
the servers are killed. In the end nobody writes any more; the page catches up, and what it has on its disk must be a
fresh `GET /api/sync?shape=lean`, and the histories it keeps must be the server's. The heap is said each
minute, and may have 60 MB in the end.
"""

import argparse
import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.async_api import CDPSession, Page

from bench import people, system
from bench.figures.result import BenchError
from bench.people import Person
from bench.system import System
from bench.web import packaged
from bench.web.page import Visitor, chromium, heap, usable
from fechatter.progress import say

PER_SECOND = 20
CHATS, WRITERS = 8, 5
EMOJI = ("👍", "🎉", "❤️")
# For servers that are started again, and a page that comes back to them.
CATCH_UP_SECONDS = 60
MOST_HEAP_MB = 60


@dataclass
class World:
    fechatter: System
    http: httpx.AsyncClient
    reader: Person
    writers: list[Person]
    chats: list[int]
    page: Page
    devtools: CDPSession
    visitor: Visitor
    sent: list[tuple[int, int, Person]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    heaps: list[float] = field(default_factory=list)
    compared: int = 0

    async def call(self, person: Person, method: str, path: str, body: object = None) -> Any:
        """The JSON of an answer; None while the server is away, or if what is asked for is gone."""
        headers = {"Authorization": f"Bearer {person.token}"}
        try:
            answer = await self.http.request(method, f"/api{path}", json=body, headers=headers)
        except httpx.TransportError:
            self.done["not answered"] += 1
            return None
        if answer.status_code >= 500 or answer.status_code in (404, 409, 410):
            self.done[f"answered {answer.status_code}"] += 1
            return None
        if not answer.is_success:
            raise BenchError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None


# -- what others do


async def write(world: World, until: float) -> None:
    """At an even rate; of seven actions one is an edit, one a reaction, and of thirty one deletes."""
    begun, number = time.monotonic(), 0
    async with asyncio.TaskGroup() as acts:
        while time.monotonic() < until:
            acts.create_task(_act(world, number))
            number += 1
            await asyncio.sleep(max(0, begun + number / PER_SECOND - time.monotonic()))


async def _act(world: World, number: int) -> None:
    if world.sent and number % 30 == 7:
        chat, message, writer = world.sent.pop(random.randrange(len(world.sent)))
        await world.call(writer, "DELETE", f"/chats/{chat}/messages/{message}")
        world.done["deleted"] += 1
    elif world.sent and number % 7 == 1:
        chat, message, writer = random.choice(world.sent[-200:])
        await world.call(writer, "PATCH", f"/chats/{chat}/messages/{message}", {"content": f"edited {number}"})
        world.done["edited"] += 1
    elif world.sent and number % 7 == 2:
        chat, message, _ = random.choice(world.sent[-200:])
        person = random.choice(world.writers)
        await world.call(person, "PUT", f"/chats/{chat}/messages/{message}/reactions/{random.choice(EMOJI)}")
        world.done["reactions"] += 1
    else:
        chat, writer = random.choice(world.chats), random.choice(world.writers)
        body = {"content": f"message {number}, with **bold** words, `code` and a [link](https://example.com)"}
        posted = await world.call(writer, "POST", f"/chats/{chat}/messages", body)
        if posted is not None:
            world.sent.append((chat, posted["id"], writer))
            world.done["messages"] += 1


# -- what happens to the page


async def go_elsewhere(world: World) -> None:
    await world.page.locator(f".sidebar a.row[data-chat='{random.choice(world.chats)}']").click()
    await world.page.locator("article.entry").first.wait_for()


async def read_back(world: World) -> None:
    """Scrolls into the past, and comes back."""
    scroller = world.page.locator(".scroller").first
    for _ in range(3):
        await scroller.evaluate("(node) => { node.scrollTop = 0; }")
        await asyncio.sleep(0.3)
    await scroller.evaluate("(node) => { node.scrollTop = node.scrollHeight; }")


async def answer(world: World) -> None:
    field_ = world.page.locator("textarea").last
    await field_.click()
    await world.page.keyboard.insert_text(f"I say so, {time.monotonic():.3f}")
    await world.page.keyboard.press("Enter")


async def look_in_another_tab(world: World) -> None:
    page, _ = await world.visitor.tab()
    await page.goto(f"/chat/{random.choice(world.chats)}")
    await usable(page)
    await asyncio.sleep(random.uniform(1, 4))
    await page.close()


async def sleep(world: World) -> None:
    await world.devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    await asyncio.sleep(random.uniform(3, 10))
    await world.devtools.send("Page.setWebLifecycleState", {"state": "active"})


async def lose_the_network(world: World) -> None:
    await world.visitor.context.set_offline(True)
    await asyncio.sleep(random.uniform(2, 8))
    await answer(world)
    await world.visitor.context.set_offline(False)


async def kill_a_server(world: World) -> None:
    """`fechatter up` starts it again."""
    name = random.choice(("chat-server", "notify-server"))
    pid = system.child(world.fechatter.pid, name)
    psutil.Process(pid).send_signal(signal.SIGKILL)
    await asyncio.sleep(random.uniform(2, 5))


EVENTS: dict[Callable[[World], Awaitable[None]], int] = {
    go_elsewhere: 8,
    read_back: 3,
    answer: 4,
    look_in_another_tab: 2,
    sleep: 2,
    lose_the_network: 2,
    kill_a_server: 1,
}


async def happen(world: World, until: float) -> None:
    """Each of them once, and then by chance."""
    queue = random.sample(list(EVENTS), len(EVENTS))
    while time.monotonic() < until:
        event = queue.pop() if queue else random.choices(list(EVENTS), list(EVENTS.values()))[0]
        await event(world)
        world.done[event.__name__.replace("_", " ")] += 1
        await asyncio.sleep(random.uniform(0.5, 3))


async def watch(world: World, until: float) -> None:
    while time.monotonic() < until:
        await asyncio.sleep(min(60, max(0.1, until - time.monotonic())))
        size, nodes = await heap(world.devtools)
        world.heaps.append(size / 1e6)
        say(f"{max(0, until - time.monotonic()):.0f} s left: heap {size / 1e6:.1f} MB, {nodes:,} nodes; {told(world)}")


def told(world: World) -> str:
    return ", ".join(f"{amount:,} {name}" for name, amount in sorted(world.done.items()))


# -- what the page has in the end

_KEPT = """async () => {
    const done = (request) => new Promise((resolve, reject) => Object.assign(request, {
        onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
    const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith("fechatter.chat."));
    const database = await done(indexedDB.open(name));
    const all = (store) => done(database.transaction(store).objectStore(store).getAll());
    const [[shell], blocks, outbox, meta] = await Promise.all(["shell", "blocks", "outbox", "meta"].map(all));
    database.close();
    return { shell, blocks, outbox, ranges: meta.filter(({ from }) => from !== undefined) };
}"""


async def differences(world: World) -> list[str]:
    """Waits until the page's copy on the disk is the server's, and says how it is not."""
    deadline, found = time.monotonic() + CATCH_UP_SECONDS, ["nothing was compared"]
    while found and time.monotonic() < deadline:
        await asyncio.sleep(1.5)
        fresh = await world.call(world.reader, "GET", "/sync?shape=lean")
        kept = await world.page.evaluate(_KEPT)
        if fresh is None or kept["shell"] is None:
            continue
        found = [*_of_shell(kept["shell"], fresh), *(f"in the outbox: {one}" for one in kept["outbox"])]
        if not found:
            found = await _of_blocks(world, kept["blocks"])
    return found


_PARTS = ("user", "presence_mode", "workspaces", "boards", "pages", "threads", "invitations", "reports", "emoji")


def _of_shell(kept: dict[str, Any], fresh: dict[str, Any]) -> list[str]:
    pairs = [(part, kept[part], fresh[part]) for part in _PARTS]
    chats = {chat["id"]: chat for chat in kept["chats"]}
    for chat in fresh["chats"]:
        had = chats.pop(chat["id"], {"messages": []})
        # It may have more than the newest message.
        had = {**had, "messages": had["messages"][-len(chat["messages"]) :] if chat["messages"] else []}
        pairs += [(f"chat {chat['id']}, {name}", had.get(name), chat.get(name)) for name in had.keys() | chat.keys()]
    found = [f"{name}: {_short(had)} and not {_short(has)}" for name, had, has in pairs if had != has]
    return [*found, *(f"chat {id_} is not there any more" for id_ in chats)]


async def _of_blocks(world: World, blocks: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    kept = {(message["chat_id"], message["id"]): message for block in blocks for message in block["messages"]}
    world.compared = len(kept)
    if not kept:
        return ["it has kept no message"]
    for chat in {chat for chat, _ in kept}:
        before = max(id_ for of, id_ in kept if of == chat) + 1
        first = min(id_ for of, id_ in kept if of == chat)
        while before > first:
            page = await world.call(world.reader, "GET", f"/chats/{chat}/messages?limit=100&before_id={before}")
            messages = page["messages"] if isinstance(page, dict) else page
            if not messages:
                break
            for message in messages:
                had = kept.pop((chat, message["id"]), None)
                if message["id"] >= first and had != message:
                    found.append(f"message {message['id']} of chat {chat}: {_short(had)} and not {_short(message)}")
            before = min(message["id"] for message in messages)
    return [*found, *(f"message {id_} of chat {chat} is not there any more" for chat, id_ in kept)]


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:300]


# -- the run


async def soak(minutes: float) -> int:
    folder = Path(tempfile.mkdtemp(prefix="fechatter-soak-web-"))
    folder.chmod(0o711)
    try:
        async with AsyncExitStack() as stack:
            code = packaged.packaged(folder / "package")
            fechatter = await stack.enter_async_context(system.running(code))
            browser = await stack.enter_async_context(chromium())
            workspace = await people.add_workspace(fechatter.sql)
            reader, *writers = await people.add_people(fechatter.sql, fechatter.signer, workspace, 1 + WRITERS)
            chats = await people.add_chats(fechatter.sql, workspace, CHATS, [*writers, reader])
            await people.add_messages(fechatter.sql, chats, 120)
            await people.settle(fechatter.sql)
            http = await stack.enter_async_context(
                httpx.AsyncClient(base_url=fechatter.chat, trust_env=False, timeout=60)
            )
            visitor = await stack.enter_async_context(Visitor.of(browser, fechatter.chat, reader))
            page, devtools = await visitor.tab()
            await page.goto(f"/chat/{chats[0]}")
            await usable(page)
            world = World(fechatter, http, reader, writers, chats, page, devtools, visitor)
            until = time.monotonic() + minutes * 60
            await asyncio.gather(write(world, until), happen(world, until), watch(world, until))
            found = [*await differences(world), *visitor.faults]
            if world.heaps[-1] > MOST_HEAP_MB:
                found.append(f"the heap has {world.heaps[-1]:.1f} MB, and may have {MOST_HEAP_MB}")
    finally:
        shutil.rmtree(folder)
    print(f"heap, MB, each minute: {', '.join(f'{size:.1f}' for size in world.heaps)}")
    for fault in found[:20]:
        print(f"FAILED: {fault}")
    if not found:
        print(
            f"the page's copy is a fresh sync's, and {world.compared:,} messages are the server's, after {told(world)}"
        )
    return 1 if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.web.soak", description="A long day of the chat client.")
    parser.add_argument("--minutes", type=float, default=30, help="how long (30)")
    return asyncio.run(soak(parser.parse_args().minutes))


if __name__ == "__main__":
    sys.exit(main())
