"""The `system` fixture: both servers as processes on a database of their own.

One pair serves all tests of a session, whose people are always new ones. A test that kills a server, changes what is
not its own people's, or needs settings has a pair to itself: `@pytest.mark.system(notify__heartbeat_seconds=1)` starts
it with FECHATTER_NOTIFY__HEARTBEAT_SECONDS=1. `@lively` is a shared pair where people leave and servers die within
seconds; `@of_workers` is one of two processes each. `@from_ring_and_database` runs a test twice: what a client missed
comes from memory, or from the database. `window` is a browser on the pages, which load bundles, as a package's do; a
test marked `modules` has a pair to itself whose pages load modules, as a checkout's do.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import pytest
from playwright.async_api import Browser

from chat_core.database.embedded import EmbeddedPostgres
from tests.end_to_end.system import System
from tests.support import bundles, forks
from tests.support.clients import browser as browsers
from tests.support.clients.browser import NewWindow, Window
from tests.support.postgres import Database, clone
from tests.support.servers import ServerProcess

DEFAULTS = {"FECHATTER_NOTIFY__DRAIN_SECONDS": "0.2", "FECHATTER_AUTH__SIGNUPS_PER_ADDRESS": "100000"}
# Where people leave, servers die and typing ends within seconds.
LIVELY = {
    "FECHATTER_NOTIFY__PRESENCE_GRACE_SECONDS": "0.3",
    "FECHATTER_NOTIFY__NODE_TIMEOUT_SECONDS": "3",
    "FECHATTER_NOTIFY__TYPING_SECONDS": "1",
}
WORKERS = {"FECHATTER_SERVER__WORKERS": "2", "FECHATTER_NOTIFY__WORKERS": "2"}

Environment: TypeAlias = Mapping[str, str]


@asynccontextmanager
async def _running(database: Database, keys: Path, environment: Environment) -> AsyncIterator[System]:
    environment = {**DEFAULTS, **environment}
    chat = ServerProcess("chat-server", database.chat_url, keys, environment)
    notify = ServerProcess("notify-server", database.notify_url, keys, environment)
    # Each knows where the other one is.
    chat.set_default("notify.public_url", notify.url)
    notify.set_default("server.public_url", chat.url)
    notify.set_default("notify.chat_url", chat.url)
    chat.set_default("notify.port", str(notify.port))
    notify.set_default("server.port", str(chat.port))
    async with AsyncExitStack() as stack:
        for server in (chat, notify):
            stack.push_async_callback(server.stop)
        async with anyio.create_task_group() as group:
            group.start_soon(chat.start)
            group.start_soon(notify.start)
        system = System(database.url, chat, notify)
        try:
            yield system
        finally:
            await system.forget_people()
            # pytest shows it where a test has failed.
            print(*chat.log[-40:], *notify.log[-40:], sep="\n")


@pytest.fixture(scope="session")
def _bundles(request: pytest.FixtureRequest) -> Environment:
    """Where no test has a browser, making them would be in vain; without node, pages load modules."""
    seen = any("browser" in getattr(item, "fixturenames", ()) for item in request.session.items)
    return {forks.BUNDLES: str(bundles.bundles())} if seen and bundles.possible() else {}


@pytest.fixture(scope="session")
async def _shared_system(postgres: EmbeddedPostgres, keys: Path, _bundles: Environment) -> AsyncIterator[System]:
    async with clone(postgres) as database, _running(database, keys, _bundles) as system:
        yield system


@pytest.fixture(scope="session")
async def _system_without_ring(postgres: EmbeddedPostgres, keys: Path, _bundles: Environment) -> AsyncIterator[System]:
    async with (
        clone(postgres) as database,
        _running(database, keys, {**_bundles, "FECHATTER_NOTIFY__RING_BYTES": "0"}) as system,
    ):
        yield system


@pytest.fixture(scope="session")
async def _lively_system(postgres: EmbeddedPostgres, keys: Path, _bundles: Environment) -> AsyncIterator[System]:
    async with clone(postgres) as database, _running(database, keys, {**_bundles, **LIVELY}) as system:
        yield system


@pytest.fixture(scope="session")
async def _system_of_workers(postgres: EmbeddedPostgres, keys: Path, _bundles: Environment) -> AsyncIterator[System]:
    async with clone(postgres) as database, _running(database, keys, {**_bundles, **WORKERS}) as system:
        yield system


@pytest.fixture
async def _own_system(
    request: pytest.FixtureRequest, database: Database, keys: Path, _bundles: Environment
) -> AsyncIterator[System]:
    marker = request.node.get_closest_marker("system")
    environment = {f"FECHATTER_{name.upper()}": str(value) for name, value in (marker.kwargs if marker else {}).items()}
    served = {} if request.node.get_closest_marker("modules") else _bundles
    async with _running(database, keys, {**served, **environment}) as system:
        yield system


@pytest.fixture
def system(request: pytest.FixtureRequest) -> System:
    own = any(request.node.get_closest_marker(name) for name in ("system", "modules"))
    names = {
        "ring": "_shared_system",
        "database": "_system_without_ring",
        "lively": "_lively_system",
        "workers": "_system_of_workers",
    }
    shared = names[getattr(request, "param", "ring")]
    running: System = request.getfixturevalue("_own_system" if own else shared)
    return running


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with browsers.browser() as launched:
        yield launched


@pytest.fixture
async def window(browser: Browser, system: System) -> AsyncIterator[NewWindow]:
    """`await window()`: somebody's browser. Its pages must have had no faults when the test is over."""
    async with AsyncExitStack() as windows:

        async def new(**options: Any) -> Window:
            return await windows.enter_async_context(Window.of(browser, system.chat.url, **options))

        yield new
