"""Clients of every protocol and version that people have, two of each, on one board over two servers: they edit at
random UTF-16 code units, lose their connections and their servers, and come to one document.

`make recovery-boards KILLS=50` kills as often as one likes.
"""

import asyncio
import base64
import os
import random

import pytest

from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.system import System
from tests.support.clients.node import NodeClients

KILLS = int(os.environ.get("KILLS", "1"))
STEPS = 20
VERSIONS = [("yjs", 1), ("yjs", 2), ("yjs", 3), ("hocuspocus", 2), ("hocuspocus", 3), ("hocuspocus", 4), ("json", 1)]
# Updates after which a server is killed: all clients are editing then.
TRAFFIC = 60


@pytest.mark.system(boards__compact_updates=100, auth__access_token_seconds=86400, notify__retry_milliseconds=20)
async def test_clients_of_all_versions_come_to_one_document(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    people = await system.team("Ada", "Grace")
    board = await boards.make(*people)
    there = system.notify.twin()
    servers = [system.notify, there]
    names: list[str] = []

    async def join(name: str, number: int, kind: str, version: int) -> None:
        person, server = people[number % 2], servers[number % 2]
        await boards.open(name, board, person, kind=kind, server=server, version=version)
        names.append(name)

    async def alike() -> str:
        try:
            document: str = await clients("alike", names[0], names=names)
        except AssertionError as error:
            error.add_note("\n".join(map(str, await clients("apart", "", names=names))))
            raise
        return document

    try:
        await there.start()
        for kind, version in VERSIONS:
            for number in range(2):
                await join(f"{kind} {version} {number}", number, kind, version)
        for kill in range(KILLS):
            seed = random.randrange(1 << 30)
            print(f"seed {seed}")
            roaming = [
                asyncio.create_task(clients("roam", name, seed=seed + number, steps=STEPS))
                for number, name in enumerate(names)
            ]
            async with system.sql() as sql:
                before = await sql.fetchval("SELECT last_seq FROM documents WHERE id = $1", board)
            await boards.stored(board, before + TRAFFIC)
            await servers[kill % 2].kill()
            await servers[kill % 2].start()
            await asyncio.gather(*roaming)
            document = await alike()
        for number, (kind, version) in enumerate(VERSIONS):
            await join(f"late {kind} {version}", number, kind, version)
        assert await alike() == document
        exported = await people[0].boards.state(board)
        assert await clients("shown", "", lists=[[base64.b64encode(exported).decode()]]) == [document]
        shown = await people[0].boards.export(board)
        assert shown["text"] == await clients("text", "late json 1")
        for name in names:
            events = await clients("events", name)
            assert not [event for event in events if "denied" in event or 4400 <= (event.get("close") or 0) < 4500]
    finally:
        await there.stop()
