"""People with a board, and the clients from npm with which they work on it."""

from collections.abc import AsyncIterator

import pytest

from tests.end_to_end.system import Person, System
from tests.support.clients.node import NodeClients, node_clients
from tests.support.servers import ServerProcess


@pytest.fixture(scope="session")
async def _node() -> AsyncIterator[NodeClients]:
    async with node_clients() as running:
        yield running


@pytest.fixture
async def clients(_node: NodeClients) -> AsyncIterator[NodeClients]:
    """One process of node's for all tests, without any clients at the begin of each."""
    yield _node
    await _node("close_all", "")


class BoardTools:
    """What is done to boards in psql, and how the clients of npm come to one."""

    def __init__(self, system: System, clients: NodeClients) -> None:
        self.system, self.clients = system, clients

    async def make(self, owner: Person, *others: Person, role: str = "editor") -> int:
        async with self.system.sql() as sql, sql.transaction():
            board: int = await sql.fetchval(
                "INSERT INTO documents (kind, workspace_id, name, created_by) "
                "VALUES ('board', $1, 'plan', $2) RETURNING id",
                owner.workspace,
                owner.id,
            )
            for person in (owner, *others):
                await sql.execute(
                    "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, $3)",
                    board,
                    person.id,
                    "owner" if person is owner else role,
                )
        return board

    async def open(
        self,
        name: str,
        board: int,
        person: Person,
        *,
        kind: str = "yjs",
        synced: bool = True,
        server: ServerProcess | None = None,
        **options: object,
    ) -> None:
        options = {"token": person.token, "url": self.url(kind, server), **options}
        await self.clients("open", name, kind=kind, board=str(board), **options)
        if synced:
            await self.clients("synced", name)

    def url(self, kind: str, server: ServerProcess | None = None) -> str:
        """Of one of the three protocols."""
        return (server or self.system.notify).url.replace("http", "ws", 1) + "/api/boards/" + kind

    async def shows(self, text: str, *names: str) -> None:
        """All of them have come to this text."""
        for name in names:
            await self.clients("shows", name, text=text)

    async def stored(self, board: int, amount: int) -> None:
        """Until so many updates are durable."""
        async with self.system.sql() as sql:
            while await sql.fetchval("SELECT last_seq FROM documents WHERE id = $1", board) < amount:
                pass


@pytest.fixture
def boards(system: System, clients: NodeClients) -> BoardTools:
    return BoardTools(system, clients)
