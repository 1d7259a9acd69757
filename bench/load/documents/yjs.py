"""`python -m bench.load.documents.yjs`: people on boards, as clients of Yjs servers; a process run by editors.py.

Raw protocols on uvloop. While it is measured, of each frame only its length is read, and the frame kept with the time
at which it came; afterwards the markers in them tell when which edit was where. Edits are made before, too.

A command is a line of JSON on stdin, its answer one on stdout; see editors.py, which sends them.
"""

import asyncio
import base64
import gc
import itertools
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import uvloop

from bench.load.client import BINARY, Client, evenly
from bench.load.commands import obey
from bench.load.documents import busy_board
from bench.load.documents.yjs_wire import EMPTY_UPDATE, MARKER, STEP_2, UPDATE, WIRES, Note, Wire

Json = dict[str, Any]

_MARKER = re.compile(MARKER)


class Editor(Client):
    """A client with a board open. `arrivals`: the messages since the mark, and when each came; `sent`: the numbers
    of its own edits. `statuses`: when the server acknowledged each, if its protocol does."""

    first_byte: int = BINARY

    def __init__(self, wire: Wire, board: str, token: str, note: Note | None, brings: bytes = EMPTY_UPDATE) -> None:
        super().__init__()
        self.wire, self.board, self.note = wire, board, note
        self.brings = brings if note is None else note.state()
        self.arrivals: list[tuple[float, bytes]] = []
        self.sent: list[int] = []
        self.looked_at = 0
        self.seen: dict[int, float] = {}
        self.statuses: list[float] = []
        self.updates: list[bytes] = []
        self.synced_at = 0.0
        self._token = token
        self._missing = {"step 1", "step 2", *(("status",) if wire.answers else ())}

    async def open(self, host: str, port: int) -> float:
        """How long until all of the board was there, in seconds; the connecting counts. Returns once the server has all
        of theirs too."""
        started = time.perf_counter()
        await self.connect(host, port)
        return self.synced_at - started

    def mark(self) -> None:
        """Starts counting again."""
        self.arrivals, self.sent, self.looked_at = [], [], 0
        self.seen, self.statuses = {}, []

    def path(self) -> str:
        return self.wire.path(self.board)

    def token(self) -> str:
        return self._token

    def shaken(self) -> None:
        self.wire.begin(self.board, self._token, self.say)

    def take(self, now: float, content: bytes) -> None:
        if self.ready.done():
            self.arrivals.append((now, content))
        else:
            self._open(now, content)

    # -- what is in it

    def _open(self, now: float, content: bytes) -> None:
        kind = self.wire.kind(content)
        self._missing.discard(kind)
        if kind == "step 1":
            self.say(self.wire.sync(self.board, STEP_2, self.brings))
            if self.note is not None:
                self.say(self.wire.presence(self.board, self.note.present()))
        elif kind == "update":
            self.updates.append(content)
        elif kind == "step 2":
            self.updates.append(content)
            self.synced_at = now
        elif kind == "denied":
            self.fail(f"denied: {content!r}")
        if not self._missing and not self.ready.done():
            self.ready.set_result(None)

    def look(self) -> None:
        """At what has come since the last look."""
        kind = self.wire.kind
        for at, content in self.arrivals[self.looked_at :]:
            found = kind(content)
            if found == "update":
                for number in map(int, _MARKER.findall(content)):
                    if number in self.seen:
                        self.faults["doubled"] += 1
                    self.seen[number] = at
            elif found == "status":
                self.statuses.append(at)
            elif found == "denied":
                self.faults["denied"] += 1
        self.looked_at = len(self.arrivals)


class Generator:
    """All people of this process, and the commands. `at`: when each edit was written, by its number."""

    def __init__(self) -> None:
        self.editors: list[Editor] = []
        self.boards: dict[str, list[Editor]] = defaultdict(list)
        self.at: dict[int, float] = {}
        self._next = self._presence = 0
        self._clients = itertools.count(1000)

    async def open(
        self, host: str, port: int, protocol: str, path: str, people: Sequence[tuple[str, str]], at_once: int
    ) -> Json:
        """A client joins for each (board, token)."""
        wire, free = WIRES[protocol](path), asyncio.Semaphore(at_once)
        new = [Editor(wire, board, token, Note(next(self._clients))) for board, token in people]

        async def come(editor: Editor) -> None:
            async with free:
                await editor.open(host, port)

        try:
            await asyncio.gather(*map(come, new))
        except OSError as error:
            return {"refused": str(error)}
        self.editors += new
        for editor in new:
            self.boards[editor.board].append(editor)
        return {"open": len(new)}

    async def leave(self) -> Json:
        """All of them."""
        for editor in self.editors:
            editor.leave()
        while any(editor.transport for editor in self.editors):  # noqa: ASYNC110 - a turn or two of the loop
            await asyncio.sleep(0)
        self.editors.clear()
        self.boards.clear()
        return {}

    async def edit(self, per_second: float, presence_per_second: float, seconds: float) -> Json:
        """Edits at an even rate, to the boards in turn and on each by its users in turn; cursor moves likewise.
        Returns once the last is written."""
        for editor in self.editors:
            editor.mark()
        self.at.clear()
        moves = self._moves(round(per_second * seconds))
        present = self._presences(round(presence_per_second * seconds))
        gc.collect()
        started = time.perf_counter() + 0.05
        await asyncio.gather(evenly(started, per_second, moves), evenly(started + 0.0007, presence_per_second, present))
        return {"sent": len(moves), "seconds": time.perf_counter() - started}

    def _moves(self, amount: int) -> list[Callable[[], None]]:
        boards = list(self.boards.values())
        numbers: dict[Editor, list[int]] = defaultdict(list)
        order = []
        for turn in range(amount):
            people = boards[turn % len(boards)]
            editor = people[turn // len(boards) % len(people)]
            numbers[editor].append(self._next)
            order.append(editor)
            self._next += 1
        frames = {
            editor: iter([editor.wire.sync(editor.board, UPDATE, update) for update in editor.note.moved(of_one)])
            for editor, of_one in numbers.items()
            if editor.note is not None
        }
        for editor, of_one in numbers.items():
            editor.sent = of_one
        first = self._next - amount
        return [partial(self._move, number, editor, next(frames[editor])) for number, editor in enumerate(order, first)]

    def _move(self, number: int, editor: Editor, data: bytes) -> None:
        self.at[number] = time.perf_counter()
        editor.say(data)

    def _presences(self, amount: int) -> list[Callable[[], None]]:
        boards = list(self.boards.values())
        made: list[Callable[[], None]] = []
        for _ in range(amount):
            people = boards[self._presence % len(boards)]
            editor = people[(self._presence // len(boards) + len(people) // 2) % len(people)]
            self._presence += 1
            assert editor.note is not None
            made.append(partial(editor.say, editor.wire.presence(editor.board, editor.note.present())))
        return made

    async def received(self, seconds: float, statuses: bool) -> Json:
        """Waits until everybody has the others' edits, and, with `statuses`, an answer to their own."""
        deadline = time.perf_counter() + seconds
        while missing := self._missing(statuses):
            if time.perf_counter() > deadline:
                break
            await asyncio.sleep(0.02)
        return {"missing": missing}

    def _missing(self, statuses: bool) -> int:
        missing = 0
        for people in self.boards.values():
            amount = sum(len(editor.sent) for editor in people)
            for editor in people:
                editor.look()
                own = sum(number in editor.seen for number in editor.sent)
                missing += amount - len(editor.sent) - (len(editor.seen) - own)
                if statuses:
                    missing += len(editor.sent) - len(editor.statuses)
        return missing

    async def report(self) -> Json:
        """How long each edit took to each of the others, and to its acknowledgement; and any errors."""
        relayed, kept = [], []
        faults: Counter[str] = Counter()
        for people in self.boards.values():
            edits = {number for editor in people for number in editor.sent}
            for editor in people:
                faults += editor.faults
                faults["foreign"] += len(editor.seen.keys() - edits)
                relayed += [editor.seen[number] - self.at[number] for number in edits - {*editor.sent}]
                # A server answers a client's edits in order.
                kept += [at - self.at[number] for number, at in zip(editor.sent, editor.statuses, strict=False)]
        return {"relayed": relayed, "kept": kept, "faults": {name: count for name, count in faults.items() if count}}

    async def visit(
        self, host: str, port: int, protocol: str, path: str, board: str, token: str, bringing: str | None
    ) -> Json:
        """A client opens a board, loads all of it, and leaves; it may add something."""
        wire = WIRES[protocol](path)
        brought = EMPTY_UPDATE if bringing is None else base64.b64decode(bringing)
        editor = Editor(wire, board, token, None, brought)
        seconds = await editor.open(host, port)
        updates = [wire.update(message) for message in editor.updates]
        started = time.perf_counter()
        busy_board.document(updates)
        applying = time.perf_counter() - started
        editor.leave()
        received = sum(map(len, editor.updates))
        return {"seconds": seconds, "bytes": received, "applying": applying, "content": busy_board.content(updates)}


async def main() -> None:
    await obey(Generator())


if __name__ == "__main__":
    uvloop.run(main())
