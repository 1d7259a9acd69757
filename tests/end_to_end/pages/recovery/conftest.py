"""Two notify_servers beside the shared one, of which `here` comes to Postgres through a proxy. Tests may kill and stop
them."""

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.end_to_end.pages.recovery.nodes import Nodes
from tests.end_to_end.system import System
from tests.support.servers import ServerProcess
from tests.support.services.proxy import Proxy


@pytest.fixture(scope="session")
async def _nodes(_shared_system: System, keys: Path) -> AsyncIterator[Nodes]:
    database = urlsplit(_shared_system.owner_url)
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy(parse_qs(database.query)["host"][0] + "/.s.PGSQL.5432"))
        url = f"postgresql://fechatter_notify@127.0.0.1:{proxy.port}{database.path}"
        here = ServerProcess("notify-server", url, keys, {"FECHATTER_NOTIFY__DRAIN_SECONDS": "0.2"})
        there = _shared_system.notify.twin()
        for node in (here, there):
            await node.start()
            stack.push_async_callback(node.stop)
        yield Nodes(_shared_system, here, there, proxy)


@pytest.fixture
async def nodes(_nodes: Nodes) -> AsyncIterator[Nodes]:
    """Without editors, at the end too."""
    try:
        yield _nodes
    finally:
        for node in (_nodes.here, _nodes.there):
            node.signal(signal.SIGCONT)
        await _nodes.forget_editors()
