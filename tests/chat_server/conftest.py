"""The `chat_server` fixture: a server, under its least-privilege role.

One serves all tests of a session that neither take its `database` nor patch what it runs; their people are always new
ones, with addresses at a domain of the test's own. A test that needs other settings has a server to itself, on a
database of its own: `@pytest.mark.chat_server(server={"max_body_bytes": 2048})`; and so has one that looks at what
others' people change, stops the server, or names people before they sign up: `@pytest.mark.chat_server`. Where many
tests need the same settings, and see no more than their own people, they share one: `lent=True`. Background work runs
only in one marked `background=True`, which none shares.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.chat_server.people import ChatServer, chat_server_on, settings
from tests.support.postgres import Database, clone, copied

# Fixtures by which a test sees or changes more of a server than its own people's.
OWN = {"database", "monkeypatch"}
# What of the marker is not settings.
NO_SETTINGS = {"lent", "background"}
# All tests' people come from one address.
UNLIMITED = {"signups_per_address": 10**9, "signin_attempts_per_address": 10**9}
_domains = itertools.count(1)

Lender = Callable[..., Awaitable[ChatServer]]


@pytest.fixture(scope="session")
async def _shared_chat_servers(postgres: EmbeddedPostgres, keys: Path) -> AsyncIterator[Lender]:
    """One for each set of settings, on a database of its own: some settings are kept there."""
    async with AsyncExitStack() as stack:
        running: dict[str, ChatServer] = {}

        async def lend(**sections: Any) -> ChatServer:
            if (key := repr(sections)) not in running:
                database = await stack.enter_async_context(clone(postgres))
                configured = settings(database.chat_url, keys, auth=UNLIMITED, limits={"public": 10**9}, **sections)
                running[key] = await stack.enter_async_context(chat_server_on(configured))
            return running[key]

        yield lend


@pytest.fixture
async def _lent_chat_server(request: pytest.FixtureRequest, _shared_chat_servers: Lender) -> AsyncIterator[ChatServer]:
    """With clients of the test's own."""
    shared = await _shared_chat_servers(**_settings_of(request))
    async with AsyncExitStack() as clients:
        lent = replace(shared, stack=clients, domain=f"{next(_domains)}.example.com")
        lent.anybody = await lent.client(None)
        yield lent


def _settings_of(request: pytest.FixtureRequest) -> dict[str, Any]:
    marker = request.node.get_closest_marker("chat_server")
    return {name: value for name, value in marker.kwargs.items() if name not in NO_SETTINGS} if marker else {}


@pytest.fixture
def chat_server(request: pytest.FixtureRequest) -> ChatServer:
    marker = request.node.get_closest_marker("chat_server")
    is_lent = (marker is None or "lent" in marker.kwargs) and OWN.isdisjoint(request.fixturenames)
    server: ChatServer = request.getfixturevalue("_lent_chat_server" if is_lent else "_own_chat_server")
    return server


@pytest.fixture
async def _own_chat_server(request: pytest.FixtureRequest, database: Database, keys: Path) -> AsyncIterator[ChatServer]:
    marker = request.node.get_closest_marker("chat_server")
    background = marker is not None and "background" in marker.kwargs
    configured = settings(database.chat_url, keys, **_settings_of(request))
    async with chat_server_on(configured, background=background) as server:
        yield server


@pytest.fixture
async def own_postgres() -> AsyncIterator[EmbeddedPostgres]:
    """One that a test may stop."""
    async with copied(None) as postgres:
        yield postgres
