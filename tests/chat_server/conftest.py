"""The `chat_server` fixture: a server, under its least-privilege role.

One serves all tests of a session that neither take its `database` nor patch what it runs; their people are always new
ones, with addresses at a domain of the test's own. A test that needs other settings has a server to itself, on a
database of its own: `@pytest.mark.chat_server(server={"max_body_bytes": 2048})`; and so has one that looks at what
others' people change, stops the server, or names people before they sign up: `@pytest.mark.chat_server`.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.chat_server.people import ChatServer, chat_server_on, settings
from tests.support.postgres import Database, clone, copied

# Fixtures by which a test sees or changes more of a server than its own people's.
OWN = {"database", "monkeypatch"}
# All tests' people come from one address.
UNLIMITED = {"signups_per_address": 10**9, "signin_attempts_per_address": 10**9}
_domains = itertools.count(1)


@pytest.fixture(scope="session")
async def _shared_chat_server(postgres: EmbeddedPostgres, keys: Path) -> AsyncIterator[ChatServer]:
    async with (
        clone(postgres) as database,
        chat_server_on(settings(database.chat_url, keys, auth=UNLIMITED, limits={"public": 10**9})) as server,
    ):
        yield server


@pytest.fixture
async def _lent_chat_server(_shared_chat_server: ChatServer) -> AsyncIterator[ChatServer]:
    """With clients of the test's own."""
    async with AsyncExitStack() as clients:
        lent = replace(_shared_chat_server, stack=clients, domain=f"{next(_domains)}.example.com")
        lent.anybody = await lent.client(None)
        yield lent


@pytest.fixture
def chat_server(request: pytest.FixtureRequest) -> ChatServer:
    own = request.node.get_closest_marker("chat_server") is not None or not OWN.isdisjoint(request.fixturenames)
    lent: ChatServer = request.getfixturevalue("_own_chat_server" if own else "_lent_chat_server")
    return lent


@pytest.fixture
async def _own_chat_server(request: pytest.FixtureRequest, database: Database, keys: Path) -> AsyncIterator[ChatServer]:
    marker = request.node.get_closest_marker("chat_server")
    configured = settings(database.chat_url, keys, **(marker.kwargs if marker else {}))
    async with chat_server_on(configured) as server:
        yield server


@pytest.fixture
async def own_postgres() -> AsyncIterator[EmbeddedPostgres]:
    """One that a test may stop."""
    async with copied(None) as postgres:
        yield postgres
