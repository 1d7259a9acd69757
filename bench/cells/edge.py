"""What stands between people and cells: requests go to the cell of their workspace, and the streams of all of a
person's cells come as one, whose cursor has one of each cell."""

import asyncio
import json
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
from fechatter_client import Problem, Stream, Unreachable
from fechatter_client.models.events import EPHEMERAL
from fechatter_client.stream import PATH

from bench.cells.directory import Directory, Place
from bench.people import Person

Json = dict[str, Any]
# A cell that has the workspace no more, or not yet, or is just not there.
ASK_AGAIN = {httpx.codes.NOT_FOUND, httpx.codes.SERVICE_UNAVAILABLE}
TRIES, PAUSE_SECONDS = 100, 0.05

# What a cell's log says last of a workspace that has moved away. A person is told once, by it or, if the directory is
# faster, by the edge: their state of this workspace begins anew, in another cell.
WORKSPACE_MOVED = "WorkspaceMoved"
GONE_WITH_IT = ("ChatDeleted", "BoardDeleted", "PageDeleted")


class Edge:
    """`homes` are the workspaces of chats. `waits` are how long each request was held."""

    def __init__(
        self, name: str, directory: Directory, cells: dict[int, tuple[str, str]], homes: dict[int, int]
    ) -> None:
        self.name, self.cells, self.homes = name, cells, homes
        self.waits: list[float] = []
        self.asked_again = 0
        self._directory = directory
        self._places: dict[int, Place] = {}
        self._running: Counter[int] = Counter()
        self._news = asyncio.Condition()
        self._streams: list[PersonsStream] = []
        self._http = httpx.AsyncClient(trust_env=False, timeout=20, limits=httpx.Limits(max_connections=None))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self._directory.join(self.name)
        self._places = await self._directory.places()
        following = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            await self._http.aclose()

    def place(self, workspace: int) -> Place:
        return self._places[workspace]

    async def _follow(self) -> None:
        while True:
            await self._directory.heard.wait()
            self._directory.heard.clear()
            before, self._places = self._places, await self._directory.places()
            async with self._news:
                self._news.notify_all()
            for workspace, place in self._places.items():
                if place.moving and not before[workspace].moving:
                    await self._drained(workspace)
                    await self._directory.hold(self.name, workspace)
                if place.cell != before[workspace].cell:
                    for stream in self._streams:
                        stream.moved(workspace)

    async def _drained(self, workspace: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: not self._running[workspace])

    async def request(self, person: Person, workspace: int, method: str, path: str, **options: Any) -> httpx.Response:
        """Held while the workspace moves; asked again, under the same key, where the answer is not its cell's."""
        began = time.monotonic()
        headers = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": str(uuid.uuid4())}
        for _ in range(TRIES):
            async with self._news:
                await self._news.wait_for(lambda: not self._places[workspace].moving)
                self._running[workspace] += 1
            self.waits.append(time.monotonic() - began)
            answer: httpx.Response | None = None
            try:
                with suppress(httpx.TransportError):
                    url = self.cells[self._places[workspace].cell][0] + path
                    answer = await self._http.request(method, url, headers=headers, **options)
            finally:
                async with self._news:
                    self._running[workspace] -= 1
                    self._news.notify_all()
            if answer is not None and answer.status_code not in ASK_AGAIN:
                return answer
            self.asked_again += 1
            await asyncio.sleep(PAUSE_SECONDS)
        raise TimeoutError(f"{method} {path} was not answered")

    @asynccontextmanager
    async def stream(
        self, person: Person, workspaces: list[int], took: Callable[[str, Json], None], cursor: str = ""
    ) -> AsyncIterator["PersonsStream"]:
        """A person's, of whom these are all workspaces; `took` gets each event, after the cursor if there is one."""
        made = PersonsStream(self, person, {w: self.place(w).cell for w in workspaces}, took)
        self._streams.append(made)
        try:
            await made.begin(cursor)
            yield made
        finally:
            self._streams.remove(made)
            await made.close()


class PersonsStream:
    """`cursor` is what a client would come back with."""

    def __init__(self, edge: Edge, person: Person, cells: dict[int, int], took: Callable[[str, Json], None]) -> None:
        self.opened: Counter[int] = Counter()  # how often, by cell
        self.left: Counter[int] = Counter()  # how often a log said that a workspace has moved, and
        self.late = 0  # how much of it came there after that
        self.resets = 0
        self._edge, self._person, self._took = edge, person, took
        self._cells = cells  # as this person has been told
        self._cursors: dict[int, str] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ready: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)

    @property
    def cursor(self) -> str:
        return ";".join(f"{cell}:{cursor}" for cell, cursor in sorted(self._cursors.items()))

    async def begin(self, cursor: str) -> None:
        """A workspace that has moved since, to a cell whose part of the cursor is older or missing, is told first."""
        self._cursors = {
            int(cell): told for cell, _, told in (part.partition(":") for part in cursor.split(";") if part)
        }
        for workspace, cell in self._cells.items():
            begins_at = self._edge.place(workspace).begins_at
            if cursor and begins_at and _position(self._cursors.get(cell)) < _position(begins_at):
                self._took(WORKSPACE_MOVED, self._moved_to(workspace, cell))
                self._cursors.setdefault(cell, begins_at)
        for cell in {*self._cells.values()}:
            self._open(cell, self._cursors.get(cell))
        for cell in {*self._cells.values()}:
            await self._ready[cell].wait()

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def moved(self, workspace: int) -> None:
        """The directory says so. A cell that this person has no stream of yet is joined from where it has all of it."""
        place = self._edge.place(workspace)
        if workspace in self._cells:
            if place.cell not in self._tasks:
                self._open(place.cell, place.begins_at)
            self._tell(workspace, place.cell)

    def _open(self, cell: int, cursor: str | None) -> None:
        self._tasks[cell] = asyncio.create_task(self._read(cell, cursor))

    async def _read(self, cell: int, cursor: str | None) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            while True:
                with suppress(Problem, Unreachable):
                    url = self._edge.cells[cell][1] + PATH
                    async with Stream(http, url, token=self._person.token, cursor=cursor) as stream:
                        self.opened[cell] += 1
                        async for frame in stream:
                            if frame.kind not in EPHEMERAL:
                                cursor = self._cursors[cell] = frame.cursor
                                self._take(cell, frame.kind, json.loads(frame.data))
                await asyncio.sleep(PAUSE_SECONDS)

    def _take(self, cell: int, kind: str, data: Json) -> None:
        if kind == "ready":
            self._ready[cell].set()
            return
        self.resets += kind == "reset"
        workspace = self._workspace(kind, data)
        if workspace in self._cells:
            if kind == WORKSPACE_MOVED:
                self.left[workspace] += 1
                self._tell(workspace, self._edge.place(workspace).cell)
                return
            self.late += bool(self.left[workspace]) and cell != self._cells[workspace] and kind not in GONE_WITH_IT
            if cell != self._cells[workspace]:
                if cell != self._edge.place(workspace).cell:
                    return  # the cell that it has left: everything of it is in the new one
                self._tell(workspace, cell)
            elif kind in GONE_WITH_IT:
                return  # it has left this cell, as the directory is about to say
        self._took(kind, data)

    def _tell(self, workspace: int, cell: int) -> None:
        if self._cells[workspace] != cell:
            self._cells[workspace] = cell
            self._took(WORKSPACE_MOVED, self._moved_to(workspace, cell))

    def _moved_to(self, workspace: int, cell: int) -> Json:
        return {"id": workspace, "to": self._edge.cells[cell][0]}

    def _workspace(self, kind: str, data: Json) -> int | None:
        if kind == WORKSPACE_MOVED:
            return int(data["id"])
        if "workspace_id" in data:
            return int(data["workspace_id"])
        chat = data.get("chat_id") or data.get("id")
        return self._edge.homes.get(int(chat)) if chat else None


def _position(cursor: str | None) -> int:
    """In the log of its cell; epochs do not end here."""
    return int(cursor.partition(".")[2]) if cursor else -1
