"""A user's client that comes and goes, and checks what it gets: `seq` of each chat without a gap or a repetition."""

import asyncio
import json
import random
import re
import socket
import struct
import urllib.parse
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bench.people import Person

PATH = "/api/notifications/events"
_FRAME = re.compile(rb"id: ([^\n]+)\nevent: (\w+)\ndata: ([^\n]*)\n\n")
_SEQ = re.compile(rb'"chat_id":(\d+),"seq":(\d+)')
_RESET = struct.pack("ii", 1, 0)
# A slow reader takes this much at a time, with a pause after it.
SLOW_BYTES, SLOW_SECONDS = 2048, 0.2
HEAD_SECONDS = 30


@dataclass
class Counts:
    """Of all followers. `cut` are streams that the server ended; `faults` must stay empty."""

    open: int = 0
    opened: int = 0
    cut: int = 0
    messages: int = 0
    faults: list[str] = field(default_factory=list)


class Follower:
    """`seqs` has the newest `seq` seen of each chat that the user is in."""

    def __init__(self, url: str, person: Person, counts: Counts) -> None:
        parts = urllib.parse.urlsplit(url)
        self._address = parts.hostname or "", parts.port or 80
        self.person, self.counts = person, counts
        self.slow_share = 0.0
        self.cursor = ""
        self.seqs: dict[int, int] = {}
        # What a NewChat has told of its chat: messages up to there may still follow it.
        self._told: dict[int, int] = {}
        self._rest = b""
        self._settled = asyncio.Event()

    def start(self, cursor: str, seqs: dict[int, int]) -> None:
        """From a snapshot."""
        self.cursor, self.seqs = cursor, seqs
        self._settled.clear()

    def sign_in(self, person: Person) -> Person:
        """From the next connection on with this session; returns who it was before."""
        before, self.person = self.person, person
        return before

    def settle(self) -> None:
        """From now on it stays, and reads as fast as it can."""
        self._settled.set()

    async def run(self) -> None:
        """Comes and goes until cancelled."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._visit()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), random.expovariate(0.5))
            if self._settled.is_set():
                await asyncio.sleep(0.1)

    async def _visit(self) -> None:
        """One connection."""
        slow = not self._settled.is_set() and random.random() < self.slow_share
        connecting = socket.socket()
        connecting.setblocking(False)
        if slow:
            connecting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            await asyncio.get_running_loop().sock_connect(connecting, self._address)
        except OSError:
            connecting.close()
            raise
        reader, writer = await asyncio.open_connection(sock=connecting, limit=SLOW_BYTES if slow else 1 << 18)
        self.counts.open += 1
        try:
            await self._read(reader, writer, slow)
        finally:
            self.counts.open -= 1
            if random.random() < 0.5 and not writer.is_closing():
                connecting.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, slow: bool) -> None:
        lines = [f"GET {PATH} HTTP/1.1", "Host: soak", f"Authorization: Bearer {self.person.token}"]
        writer.write("\r\n".join([*lines, f"Last-Event-ID: {self.cursor}", "", ""]).encode())
        if random.random() < 0.05 and not self._settled.is_set():
            return  # leaves before there is an answer
        async with asyncio.timeout(HEAD_SECONDS):
            status = int((await reader.readuntil(b"\r\n\r\n"))[9:12])
        if status != 200:
            if status not in (401, 429):
                self.counts.faults.append(f"a stream was answered {status}")
            return
        self.counts.opened += 1
        self._rest = b""
        leaving = asyncio.get_running_loop().time() + random.expovariate(0.1)
        settled = asyncio.create_task(self._settled.wait())
        try:
            while self._settled.is_set() or asyncio.get_running_loop().time() < leaving:
                reading = asyncio.ensure_future(reader.read(SLOW_BYTES if slow else 1 << 18))
                waiting = {reading} if self._settled.is_set() else {reading, settled}
                done, _ = await asyncio.wait(
                    waiting,
                    timeout=None if self._settled.is_set() else leaving - asyncio.get_running_loop().time(),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if reading not in done:
                    reading.cancel()
                    await asyncio.wait({reading})
                    if slow:
                        return
                    if not reading.cancelled():
                        self._take(reading.result())
                    continue
                if not (data := reading.result()):
                    self.counts.cut += 1
                    return
                self._take(data)
                if slow:
                    if self._settled.is_set():
                        return
                    await asyncio.sleep(SLOW_SECONDS)
        except OSError:
            self.counts.cut += 1
        finally:
            settled.cancel()

    # -- what it gets

    def _take(self, data: bytes) -> None:
        data, end = self._rest + data, 0
        for frame in _FRAME.finditer(data):
            end = frame.end()
            self._event(frame[2].decode(), frame[3])
            self.cursor = frame[1].decode()
        self._rest = data[end:]

    def _event(self, kind: str, data: bytes) -> None:
        if kind == "NewMessage":
            self.counts.messages += 1
            found = _SEQ.search(data)
            assert found
            self._message(int(found[1]), int(found[2]))
            return
        if kind not in ("NewChat", "UserLeftChat", "reset"):
            return
        content: dict[str, Any] = json.loads(data)
        if kind == "NewChat":
            self.seqs[content["id"]] = self._told[content["id"]] = content["last_seq"]
        elif kind == "reset":
            self.counts.faults.append(f"user {self.person.id} was reset: {content}")
        elif content["user_id"] == self.person.id:
            self.seqs.pop(content["chat_id"], None)

    def _message(self, chat: int, seq: int) -> None:
        known = self.seqs.get(chat)
        if known is None:
            self.counts.faults.append(f"user {self.person.id} is not in chat {chat}, and got its message {seq}")
        elif seq != known + 1 and seq > self._told.get(chat, 0):
            self.counts.faults.append(f"user {self.person.id} got message {seq} of chat {chat} after {known}")
        self.seqs[chat] = max(seq, known or 0)
