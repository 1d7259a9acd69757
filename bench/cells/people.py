"""People who write through an edge, and what each of them has seen at the end."""

import asyncio
import time
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.cells.edge import WORKSPACE_MOVED, Edge, Json, PersonsStream
from bench.people import Person

PAGE = 100


@dataclass
class Reader:
    """A client: what it knows of each chat is what its stream told, and what it has fetched after a move."""

    edge: Edge
    person: Person
    chats: dict[int, int]  # with the workspace of each
    first: dict[int, int]  # the newest `seq` of each before all this
    told: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    fetched: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    newest: dict[int, int] = field(default_factory=dict)  # the newest message's id, by chat
    moves: Counter[int] = field(default_factory=Counter)
    disordered: int = 0
    foreign: int = 0
    delays: list[tuple[int, float, float]] = field(default_factory=list)  # workspace, when it came, how late
    stream: PersonsStream | None = None
    fetching: list[asyncio.Task[None]] = field(default_factory=list)
    _connection: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def begin(self, stack: AsyncExitStack, cursor: str = "") -> None:
        workspaces = sorted({*self.chats.values()})
        self._connection = await stack.enter_async_context(AsyncExitStack())
        opening = self.edge.stream(self.person, workspaces, self.take, cursor)
        self.stream = await self._connection.enter_async_context(opening)

    async def leave(self) -> str:
        """Returns the cursor with which they can come back."""
        assert self.stream is not None
        cursor = self.stream.cursor
        await self._connection.aclose()
        return cursor

    def take(self, kind: str, data: Json) -> None:
        if kind == WORKSPACE_MOVED:
            self.moves[data["id"]] += 1
            chats = [chat for chat, workspace in self.chats.items() if workspace == data["id"]]
            self.fetching += [asyncio.create_task(self._fetch(chat)) for chat in chats]
        elif kind == "NewMessage":
            self._take_message(data)

    def _take_message(self, message: Json) -> None:
        chat, seq, now = message["chat_id"], message["seq"], time.monotonic()
        if chat not in self.chats:
            self.foreign += 1
            return
        self.disordered += bool(self.told[chat]) and seq < max(self.told[chat])
        self.told[chat][seq] += 1
        self.newest[chat] = max(message["id"], self.newest.get(chat, 0))
        self.delays.append((self.chats[chat], now, now - float(message["content"])))

    async def _fetch(self, chat: int) -> None:
        """What came after the newest message that is known: ids are what they were."""
        after = self.newest.get(chat) or 0
        while True:
            path, params = f"/api/chats/{chat}/messages", {"limit": PAGE} | ({"after_id": after} if after else {})
            answer = await self.edge.request(self.person, self.chats[chat], "GET", path, params=params)
            answer.raise_for_status()
            page: list[Json] = answer.json()
            self.fetched[chat] |= {message["seq"] for message in page}
            if len(page) < PAGE or not after:
                return
            after = page[0]["id"]

    def doubled(self) -> int:
        return sum(amount - 1 for seqs in self.told.values() for amount in seqs.values())

    def lost(self, last: dict[int, int]) -> int:
        """Of the messages up to these numbers."""
        return sum(
            len({*range(self.first[chat] + 1, last[chat] + 1)} - self.told[chat].keys() - self.fetched[chat])
            for chat in self.chats
        )


@dataclass
class Writer:
    """Posts at an even rate, one message after the other."""

    edge: Edge
    person: Person
    chats: list[int]
    workspace: int
    seconds: float  # between two posts
    acknowledged: dict[int, int] = field(default_factory=dict)  # chat by message
    refused: Counter[int] = field(default_factory=Counter)

    async def write(self, stop: asyncio.Event) -> None:
        number, began = 0, time.monotonic()
        while not stop.is_set():
            chat = self.chats[number % len(self.chats)]
            due = began + number * self.seconds
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            number += 1
            content: dict[str, Any] = {"content": f"{time.monotonic()}"}
            answer = await self.edge.request(
                self.person, self.workspace, "POST", f"/api/chats/{chat}/messages", json=content
            )
            if answer.status_code == httpx.codes.CREATED:
                self.acknowledged[answer.json()["id"]] = chat
            else:
                self.refused[answer.status_code] += 1
