from collections.abc import AsyncIterator

import pytest

from notify_server.documents.pages.rooms import PageRooms
from tests.notify_server.documents.pages.world import running_pages
from tests.notify_server.documents.world import World


@pytest.fixture
async def rooms(world: World) -> AsyncIterator[PageRooms]:
    async with running_pages(world.database.notify_url) as running:
        yield running


@pytest.fixture
async def other(world: World) -> AsyncIterator[PageRooms]:
    """Another server."""
    async with running_pages(world.database.notify_url) as running:
        yield running
