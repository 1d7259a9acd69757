"""`python -m bench.load.documents.pages`: people who edit pages, as clients of JSON servers; a process of its
own, run by page_editors.py, as yjs.py is for boards.

While it is measured, of each frame only its length is read, and the frame kept with the time at which it came. A client
that is about to edit looks at the newest frames for the page's version.
"""

import asyncio
import gc
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import uvloop

from bench.load.client import Client, evenly
from bench.load.commands import obey
from bench.load.documents.pages_wire import MARKER, WIRES, Wire

Json = dict[str, Any]
_MARKER = re.compile(MARKER)


class Editor(Client):
    """A client with a page open. `arrivals`: the messages since the mark, and when each came; `sent`: the numbers of
    its own edits."""

    def __init__(self, wire: Wire, page: str, token: str) -> None:
        super().__init__()
        self.wire, self.page, self.first_byte = wire, page, wire.first_byte
        self.arrivals: list[tuple[float, bytes]] = []
        self.sent: list[int] = []
        self.looked_at = 0
        self.seen: dict[int, float] = {}
        self.acks: list[float] = []
        self.made = 0
        self._token = token
        self._version, self._read_to = 0, 0

    def mark(self) -> None:
        """Starts counting again."""
        self.version()
        self.arrivals, self.sent, self.looked_at, self._read_to = [], [], 0, 0
        self.seen, self.acks = {}, []

    def version(self) -> int:
        """The newest version that this client has seen."""
        for at in range(len(self.arrivals) - 1, self._read_to - 1, -1):
            if (found := self.wire.version(self.arrivals[at][1])) is not None:
                self._version = max(self._version, found)
                break
        self._read_to = len(self.arrivals)
        return self._version

    def edit(self, number: int, component: int) -> None:
        self.say(self.wire.edit(self.page, component, number, self.version(), self.made))
        self.made += 1

    def look(self) -> None:
        """At what has come since the last look."""
        own = set(self.sent) if self.wire.echoes else set()
        for at, content in self.arrivals[self.looked_at :]:
            match self.wire.kind(content):
                case "edit":
                    for number in map(int, _MARKER.findall(content)):
                        if number in own:
                            continue
                        if number in self.seen:
                            self.faults["doubled"] += 1
                        self.seen[number] = at
                case "ack":
                    self.acks.append(at)
                case "refused":
                    self.faults[f"refused: {content[:120]!r}"] += 1
        self.looked_at = len(self.arrivals)

    def path(self) -> str:
        return self.wire.path(self.page)

    def token(self) -> str:
        return self._token

    def shaken(self) -> None:
        self.wire.begin(self.page, self.say)

    def take(self, now: float, content: bytes) -> None:
        if self.ready.done():
            self.arrivals.append((now, content))
        elif self.wire.kind(content) == "content":
            self._version = self.wire.version(content) or 0
            self.ready.set_result(None)
        elif self.wire.kind(content) == "refused":
            self.fail(f"refused: {content[:200]!r}")


class Generator:
    """All people of this process, and the commands. `at`: when each edit was written, by its number."""

    def __init__(self) -> None:
        self.editors: list[Editor] = []
        self.pages: dict[str, list[Editor]] = defaultdict(list)
        self.at: dict[int, float] = {}
        self._next = 0

    async def open(self, wire: str, people: Sequence[tuple[str, int, str, str]], at_once: int) -> Json:
        """A client joins for each (host, port, page, token); how long all of it took."""
        free = asyncio.Semaphore(at_once)
        new = [(host, port, Editor(WIRES[wire](), page, token)) for host, port, page, token in people]

        async def come(host: str, port: int, editor: Editor) -> None:
            async with free:
                await editor.connect(host, port)

        started = time.perf_counter()
        try:
            await asyncio.gather(*(come(*each) for each in new))
        except OSError as error:
            return {"refused": str(error)}
        for _, _, editor in new:
            self.editors.append(editor)
            self.pages[editor.page].append(editor)
        return {"open": len(new), "seconds": time.perf_counter() - started}

    async def leave(self) -> Json:
        """All of them."""
        for editor in self.editors:
            editor.leave()
        while any(editor.transport for editor in self.editors):  # noqa: ASYNC110 - a turn or two of the loop
            await asyncio.sleep(0)
        self.editors.clear()
        self.pages.clear()
        return {}

    async def edit(self, per_second: float, seconds: float, components: Sequence[int]) -> Json:
        """Edits at an even rate, to the pages in turn and on each by its editors in turn, to its components in turn.
        Returns once the last is written."""
        for editor in self.editors:
            editor.mark()
        self.at.clear()
        moves = self._moves(round(per_second * seconds), components)
        gc.collect()
        await evenly(time.perf_counter() + 0.05, per_second, moves)
        return {"sent": len(moves)}

    def _moves(self, amount: int, components: Sequence[int]) -> list[Callable[[], None]]:
        pages = list(self.pages.values())
        moves: list[Callable[[], None]] = []
        for turn in range(amount):
            of_page = turn // len(pages)
            people = pages[turn % len(pages)]
            editor = people[of_page % len(people)]
            editor.sent.append(self._next)
            moves.append(partial(self._edit, self._next, editor, components[of_page % len(components)]))
            self._next += 1
        return moves

    def _edit(self, number: int, editor: Editor, component: int) -> None:
        self.at[number] = time.perf_counter()
        editor.edit(number, component)

    async def received(self, seconds: float) -> Json:
        """Waits until everybody has the others' edits, and an answer to their own."""
        deadline = time.perf_counter() + seconds
        while (missing := self._missing()) and time.perf_counter() < deadline:  # noqa: ASYNC110 - it looks at frames
            await asyncio.sleep(0.02)
        return {"missing": missing}

    def _missing(self) -> int:
        missing = 0
        for people in self.pages.values():
            amount = sum(len(editor.sent) for editor in people)
            for editor in people:
                editor.look()
                missing += amount - len(editor.sent) - len(editor.seen) + len(editor.sent) - len(editor.acks)
        return missing

    async def report(self) -> Json:
        """How long each edit took to each of the others, and to its acknowledgement; and any errors."""
        relayed, kept = [], []
        faults: Counter[str] = Counter()
        for people in self.pages.values():
            edits = {number for editor in people for number in editor.sent}
            for editor in people:
                faults += editor.faults
                faults["foreign"] += len(editor.seen.keys() - (edits - {*editor.sent}))
                relayed += [editor.seen[number] - self.at[number] for number in edits & editor.seen.keys()]
                # A server answers a client's edits in order.
                kept += [at - self.at[number] for number, at in zip(editor.sent, editor.acks, strict=False)]
        return {"relayed": relayed, "kept": kept, "faults": {name: count for name, count in faults.items() if count}}


async def main() -> None:
    await obey(Generator())


if __name__ == "__main__":
    uvloop.run(main())
