"""Who is on a board over which of two servers, in three protocols: nobody is missing, and nobody stays who has gone."""

from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect

from chat_core.documents import lib0
from notify_server.documents.awareness import Entry
from notify_server.documents.yjs import awareness
from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.system import System, lively
from tests.support.clients.node import NodeClients
from tests.support.servers import ServerProcess

KINDS = ("yjs", "hocuspocus", "json")


@pytest.fixture
async def other(system: System) -> AsyncIterator[ServerProcess]:
    """Another notify_server of the system."""
    node = system.notify.twin()
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


def cursor(x: int) -> dict[str, object]:
    return {"cursor": {"x": x, "y": 1}, "selection": [f"note-{x}"]}


async def no_presence_in_the_log(system: System, board: int) -> None:
    async with system.sql() as sql:
        assert await sql.fetchval("SELECT count(*) FROM events WHERE document_id = $1 AND kind ~ 'resence'", board) == 0


@lively
async def test_two_servers_and_the_death_of_one(system: System, clients: NodeClients, boards: BoardTools) -> None:
    people = await system.team("Ada", "Grace", "Mary")
    board = await boards.make(*people)
    # All are here before the other server is.
    for number, (kind, person) in enumerate(zip(KINDS, people, strict=True)):
        await boards.open(f"{kind} here", board, person, kind=kind, state=cursor(number))
    node = system.notify.twin()
    await node.start()
    try:
        for number, (kind, person) in enumerate(zip(KINDS, people, strict=True)):
            await boards.open(f"{kind} there", board, person, kind=kind, state=cursor(10 + number), server=node)
        everybody = [f"{kind} {place}" for kind in KINDS for place in ("here", "there")]
        for name in everybody:
            for number in range(3):
                mine = [f"{KINDS[number]} here" == name, f"{KINDS[number]} there" == name]
                for place, is_me in enumerate(mine):
                    await clients("sees", name, amount=0 if is_me else 1, like=cursor(10 * place + number))
        await clients("insert", "json there", text="hello")
        await boards.shows("hello", *everybody)
        await clients("state", "hocuspocus there", state=cursor(99))
        for name in everybody:
            await clients("sees", name, amount=0 if name == "hocuspocus there" else 1, like=cursor(99))
        await clients("silence", "yjs there")
        for name in everybody:
            if name != "yjs there":
                await clients("sees", name, amount=0, like=cursor(10))
        # Who was over the dead one comes back over this one, but for the one of hocuspocus.
        for name in ("yjs there", "json there"):
            await clients("move", name, url=boards.url(name.split()[0]))
        await clients("silence", "hocuspocus there")
        await node.kill()
        await clients("connect", "yjs there")
        await clients("synced", "json there")
        for name in everybody:
            if name != "hocuspocus there":
                await clients("sees", name, amount=0, like=cursor(99))
                await clients("sees", name, amount=0 if name == "yjs there" else 1, like=cursor(10))
                await clients("sees", name, amount=0 if name == "json there" else 1, like=cursor(12))
        for name in ("yjs here", "hocuspocus here", "json here", "json there"):
            assert len(await clients("others", name)) == 4
    finally:
        await node.stop()
    await no_presence_in_the_log(system, board)


@lively
@pytest.mark.parametrize("kind", ["yjs", "hocuspocus"])
async def test_who_comes_back_sees_those_who_have_not_moved(
    system: System, clients: NodeClients, boards: BoardTools, other: ServerProcess, kind: str
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    header = {"Authorization": f"Bearer {ada.token}"}
    async with connect(f"{boards.url('yjs')}/{board}", additional_headers=header, proxy=None) as still:
        await still.send(b"\x01" + lib0.buffer(awareness.write([Entry(7, 1, b'{"name":"Ada"}')])))
        await boards.open("grace", board, grace, kind=kind, state=cursor(1))
        for server in (system.notify, other, other, system.notify):
            await clients("sees", "grace", amount=1, like={"user_id": ada.id, "name": "Ada"})
            await clients("move", "grace", url=boards.url(kind, server))
            await clients("cut", "grace")
            assert await clients("others", "grace") == []
            await clients("synced", "grace")
        await clients("sees", "grace", amount=1, like={"user_id": ada.id, "name": "Ada"})


@lively
@pytest.mark.parametrize("kind", KINDS)
async def test_who_moves_between_servers_is_there_once(
    system: System, clients: NodeClients, boards: BoardTools, other: ServerProcess, kind: str
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    await boards.open("here", board, ada)
    await boards.open("there", board, ada, kind="json", server=other)
    await boards.open("grace", board, grace, kind=kind, state=cursor(1))
    for server in (other, system.notify, other):
        for name in ("here", "there"):
            await clients("sees", name, amount=1, like={"user_id": grace.id, **cursor(1)})
        await clients("move", "grace", url=boards.url(kind, server))
        await clients("cut", "grace")
        await clients("synced", "grace")
        await clients("state", "grace", state=cursor(2))
        for name in ("here", "there"):
            await clients("sees", name, amount=1, like={"user_id": grace.id, **cursor(2)})
            await clients("sees", name, amount=1, like={"user_id": grace.id})
        await clients("state", "grace", state=cursor(1))
    await clients("silence", "grace")
    for name in ("here", "there"):
        await clients("sees", name, amount=0, like={"user_id": grace.id})
