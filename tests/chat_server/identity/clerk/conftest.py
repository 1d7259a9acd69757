from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chat_server.identity.clerk.actions import PAGE
from tests.chat_server.people import ChatServer, chat_server_on, settings
from tests.support.identity.clerk_peer import ClerkPeer, clerk_peer
from tests.support.postgres import Database


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[ClerkPeer]:
    async with clerk_peer(tmp_path) as running:
        yield running


@pytest.fixture
async def workspace(database: Database) -> int:
    """One that an organization of Clerk's has, org_1."""
    async with database.connect() as sql:
        found = await sql.fetchval(
            "SELECT create_workspace((SELECT id FROM create_user('Owner', 'owner@example.com')), 'Acme')->'id'"
        )
        return int(found)


@pytest.fixture
async def server(database: Database, keys: Path, peer: ClerkPeer, workspace: int) -> AsyncIterator[ChatServer]:
    clerk = peer.settings(sign_in_url=PAGE, workspaces={"org_1": workspace}, owns_domains=["corp.example"])
    async with chat_server_on(settings(database.chat_url, keys, auth={"clerk": clerk})) as running:
        yield running
