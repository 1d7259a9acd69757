"""Whoever writes to the person whose browser is measured."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence

import httpx

from bench.people import Person
from chat_core.database.pool import Connection

# So many at a time: a page that is further behind than its server's buffer begins anew.
BATCH = 500
_BATCH = """
INSERT INTO messages (chat_id, sender_id, content)
SELECT chat, (SELECT user_id FROM chat_members WHERE chat_id = chat ORDER BY user_id DESC LIMIT 1),
       'message of a long session, of about sixty bytes, number ' || n
FROM unnest($1::bigint[]) WITH ORDINALITY AS chats (chat, n)
"""


async def talk(
    url: str, writers: Sequence[Person], chats: Sequence[int], per_second: int, in_first: int, seconds: float
) -> int:
    """Posts at an even rate for so long, `in_first` a second to the first chat and the rest to the others in turn.
    Returns how many were posted."""
    others = itertools.cycle(chats[1:])
    every = per_second // in_first
    begun = time.monotonic()
    limits = httpx.Limits(max_connections=20)
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=60, limits=limits) as http,
        asyncio.TaskGroup() as posts,
    ):
        amount = int(per_second * seconds)
        for number in range(amount):
            await asyncio.sleep(max(0, begun + number / per_second - time.monotonic()))
            chat = chats[0] if number % every == 0 else next(others)
            writer = writers[number % len(writers)]
            posts.create_task(_post(http, writer, chat, f"message {number} of a busy day, as people **write** them"))
    return amount


async def _post(http: httpx.AsyncClient, writer: Person, chat: int, content: str) -> None:
    headers = {"Authorization": f"Bearer {writer.token}"}
    answer = await http.post(f"/api/chats/{chat}/messages", json={"content": content}, headers=headers)
    answer.raise_for_status()


async def fast_forward(sql: Connection, chats: Sequence[int], amount: int, name: str) -> AsyncIterator[str]:
    """So many messages, a tenth of them in the first chat. After each batch comes what its last one says, in the first
    chat: the next batch is written when that has been seen."""
    others = itertools.cycle(chats[1:])
    for number in range(-(-amount // BATCH)):
        where = [chats[0] if n % 10 == 0 else next(others) for n in range(min(BATCH, amount) - 1)]
        await sql.execute(_BATCH, where, timeout=120)
        marker = f"end of batch {number}, {name}"
        await sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content)"
            " SELECT $1, max(user_id), $2 FROM chat_members WHERE chat_id = $1",
            *(chats[0], marker),
        )
        yield marker
