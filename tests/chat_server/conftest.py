"""The `chat_server` fixture: a server on a database of the test's own, under its least-privilege role.

A test that needs other settings marks itself `@pytest.mark.chat_server(server={"max_body_bytes": 2048})`.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.chat_server.people import ChatServer, chat_server_on, settings
from tests.support.postgres import Database, copied


@pytest.fixture
async def chat_server(request: pytest.FixtureRequest, database: Database, keys: Path) -> AsyncIterator[ChatServer]:
    marker = request.node.get_closest_marker("chat_server")
    configured = settings(database.chat_url, keys, **(marker.kwargs if marker else {}))
    async with chat_server_on(configured) as server:
        yield server


@pytest.fixture
async def own_postgres() -> AsyncIterator[EmbeddedPostgres]:
    """One that a test may stop."""
    async with copied(None) as postgres:
        yield postgres
