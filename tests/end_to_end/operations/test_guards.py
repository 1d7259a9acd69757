"""One stalled reader, one huge chat, one burst: what none of them, nor all of them at once, does to the other streams.

The others are streams of the benchmarks' load generator, a process that holds hundreds of them and knows of each what
it got: every message of its chat once, in order, on one connection.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fechatter_client.stream import PATH

from bench.load.streams.listeners import Expected, Listeners, listeners
from bench.people import Person, add_chats, add_people, add_workspace
from chat_core.database.pool import Connection
from chat_core.tokens import Signer
from tests.end_to_end.raw import RawClient, figures, nothing_is_left, raw_client, stream_request
from tests.end_to_end.system import System
from tests.support.clients.listener import bare_stream, listen

BUFFER_BYTES = 200_000
PATIENCE_SECONDS = 20
SLOW = 'fechatter_streams_closed_total{reason="slow",transport="sse"}'

# One statement, one transaction; the load generator reads the number out of each message.
WRITE = """
INSERT INTO messages (chat_id, sender_id, content)
SELECT $1, $2, rpad('#' || n || ' @0 ', $5, '.') FROM generate_series($3::int, $4::int) n
"""


@dataclass(slots=True)
class Chat:
    """A chat, and its members' streams, which are one group of the load generator's."""

    id: int
    group: int
    members: list[Person]
    written: int = 0

    @property
    def expected(self) -> Expected:
        return Expected(self.group, 1, self.written)


@dataclass
class Crowd:
    """Many people of one workspace, and the load generator that has their streams."""

    system: System
    sql: Connection
    signer: Signer
    listening: Listeners
    workspace: int
    chats: list[Chat] = field(default_factory=list)

    async def chat(self, *, members: int, streams: int) -> Chat:
        """A chat with so many members; so many of them have a stream, but not the first one."""
        group = len(self.chats)
        people = await add_people(self.sql, self.signer, self.workspace, members)
        [chat] = await add_chats(self.sql, self.workspace, 1, people)
        readers = people[1 : streams + 1]
        await self.listening.open(self.system.notify.url + PATH, [(person.token, group) for person in readers])
        self.chats.append(Chat(chat, group, people))
        return self.chats[-1]

    async def write(self, chat: Chat, amount: int, length: int = 80) -> None:
        """So many messages of so many characters, by one statement."""
        first, chat.written = chat.written + 1, chat.written + amount
        await self.sql.execute(WRITE, chat.id, chat.members[0].id, first, chat.written, length, timeout=60)

    async def all_have_it(self) -> None:
        """Waits for it; fails unless every stream got each message of its chat once, in order, and is still open."""
        expected = [chat.expected for chat in self.chats]
        await self.listening.received(expected, PATIENCE_SECONDS)
        (await self.listening.report(expected)).check()

    @asynccontextmanager
    async def stalled(self, chat: Chat) -> AsyncIterator[RawClient]:
        """The first member's stream, which reads its opening and then nothing more."""
        async with raw_client(self.system, receive_bytes=4096) as client:
            await client.send(stream_request(chat.members[0].token))
            await client.until(b"event: ready")
            yield client

    async def catches_up(self, stalled: RawClient, chat: Chat) -> None:
        """What a stalled reader finds after all, and then what it comes back to, is each message once, in order."""
        await stalled.until_ended()
        frames = stalled.frames()
        numbers = [_number(json.loads(data)) for _, kind, data in frames if kind == "NewMessage"]
        assert 0 < len(numbers) < chat.written
        url, token = self.system.notify.url, chat.members[0].token
        async with listen(bare_stream(url, token, cursor=frames[-1][0])) as stream:
            await stream.until(lambda s: len(numbers) + len(s.events("NewMessage")) >= chat.written)
            numbers += [_number(event.data) for event in stream.events("NewMessage")]
        assert numbers == list(range(1, chat.written + 1))


def _number(message: dict[str, str]) -> int:
    return int(message["content"][1:].split(" ")[0])


@pytest.fixture
async def crowd(system: System, keys: Path) -> AsyncIterator[Crowd]:
    async with system.sql() as sql, listeners() as listening:
        signer = Signer(keys / "private.pem", "fechatter", 3600)
        yield Crowd(system, sql, signer, listening, await add_workspace(sql))
        await listening.close()
    await nothing_is_left(system)


@pytest.mark.system(notify__buffer_bytes=BUFFER_BYTES)
async def test_a_stalled_reader_is_cut_off_alone_and_catches_up(crowd: Crowd) -> None:
    chat = await crowd.chat(members=31, streams=30)
    async with crowd.stalled(chat) as stalled:
        # The kernel's buffers take some MB before the server's own one fills.
        while (await figures(crowd.system)).get(SLOW, 0) == 0:
            await crowd.write(chat, 40, length=9000)
            await crowd.all_have_it()
            # Nobody else has anything waiting now.
            assert (await figures(crowd.system))["fechatter_streams_queued_bytes"] <= BUFFER_BYTES
        await crowd.catches_up(stalled, chat)
    assert (await figures(crowd.system))[SLOW] == 1


@pytest.mark.system
async def test_a_huge_chat_and_a_burst_leave_the_others_alone(crowd: Crowd) -> None:
    huge = await crowd.chat(members=2000, streams=60)
    small = [await crowd.chat(members=6, streams=5) for _ in range(8)]
    for turn in range(10):
        await crowd.write(huge, 10 if turn != 5 else 10_000)
        for chat in small:
            await crowd.write(chat, 3)
    await crowd.all_have_it()


@pytest.mark.system
async def test_a_burst_of_large_messages_cuts_off_nobody_who_reads(crowd: Crowd) -> None:
    """Whether they are most of all streams or a few of them."""
    many = await crowd.chat(members=40, streams=30)
    few = await crowd.chat(members=4, streams=3)
    for chat in (many, few):
        await crowd.write(chat, 1000, length=10_000)  # ten times what may wait for a reader
        await crowd.all_have_it()


@pytest.mark.long
@pytest.mark.system
async def test_all_of_it_at_once(crowd: Crowd) -> None:
    huge = await crowd.chat(members=2000, streams=60)
    small = [await crowd.chat(members=6, streams=5) for _ in range(8)]
    async with crowd.stalled(huge) as stalled:
        await crowd.write(huge, 10_000, length=1000)
        for chat in small:
            await crowd.write(chat, 20)
        await crowd.write(huge, 500, length=10_000)
        await crowd.all_have_it()
        assert (await figures(crowd.system))[SLOW] == 1
        await crowd.catches_up(stalled, huge)
