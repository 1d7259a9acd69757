"""`world`: a small team on a database of its own, on each PostgreSQL of `postgres_any`."""

from collections.abc import AsyncIterator

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.sql.world import World, populated


@pytest.fixture
async def world(postgres_any: EmbeddedPostgres) -> AsyncIterator[World]:
    async with populated(postgres_any) as made:
        yield made
