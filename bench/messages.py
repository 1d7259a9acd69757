"""Messages written from SQL, many in a statement, each with its number in its chat and the time it was sent."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.load.streams.listeners import Expected
from bench.load.streams.tape import CONTENT_LENGTH, content
from chat_core.database.pool import Connection

# As tape.content makes it; the time is that of sending the statement.
_INSERT = """
INSERT INTO messages (chat_id, sender_id, content)
SELECT $1, $2, rpad('#' || n || ' @' || $5::bigint || ' ', $6, '.') FROM generate_series($3::int, $4::int) n
"""


@dataclass(slots=True)
class Chat:
    """Where messages are written to. The streams of its members are a group of the load generator's."""

    id: int
    sender: int
    group: int = 0
    first: int = 1
    next: int = 1

    def mark(self) -> None:
        """Messages from here on count; use with Listeners.mark."""
        self.first = self.next

    @property
    def expected(self) -> Expected:
        return Expected(self.group, self.first, self.next - self.first)


async def write(sql: Connection, chat: Chat, amount: int) -> float:
    """One transaction with this many messages; returns when it was sent, in seconds since 1970."""
    first, chat.next = chat.next, chat.next + amount
    sent = time.time()
    await sql.execute(
        _INSERT, chat.id, chat.sender, first, chat.next - 1, round(sent * 1e6), CONTENT_LENGTH, timeout=60
    )
    return sent


async def evenly(per_second: float, seconds: float, act: Callable[[int], Awaitable[object]]) -> None:
    """Calls `act` with 0, 1, … at an even rate, one after the other; after a late one, until it has caught up."""
    started = time.perf_counter()
    for turn in range(round(per_second * seconds)):
        await asyncio.sleep(started + turn / per_second - time.perf_counter())
        await act(turn)


def payload(number: int, sent: float) -> bytes:
    """What peers publish: the JSON of such a message as `message_json` makes it, so that frames are of one size."""
    message: dict[str, object] = {
        "id": number,
        "chat_id": 1,
        "seq": number,
        "sender_id": 1,
        "type": "text",
        "content": content(number, sent),
        **dict.fromkeys(("metadata", "reply_to", "thread_id", "thread_seq", "thread")),
        "mentions": [],
        **dict.fromkeys(("mentions_everyone", "forwarded_from")),
        "files": [],
        "links": [],
        "reactions": [],
        "created_at": "2026-01-02T03:04:05.123456+00:00",
        **dict.fromkeys(("updated_at", "deleted_at", "deleted_by")),
    }
    return json.dumps(message, separators=(",", ":")).encode()
