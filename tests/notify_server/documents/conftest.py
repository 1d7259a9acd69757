from collections.abc import AsyncIterator

import pytest

from tests.notify_server.documents.world import Node, World, running_node
from tests.support.postgres import Database


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with database.connect() as sql:
        yield World(database, sql)


@pytest.fixture
async def node(database: Database) -> AsyncIterator[Node]:
    async with running_node(database.notify_url) as running:
        yield running
