"""What every test may use: a database of its own, and the key pair that signs access tokens.

One Postgres runs per test session (with xdist: per worker) and per version, a copy of one cluster that is migrated once
for all workers; cloning its template takes some milliseconds.
"""

import asyncio
import functools
import gc
import inspect
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from chat_core.database.embedded import EmbeddedPostgres
from tests.support.keys import write_keys
from tests.support.postgres import CLUSTERS, DEBIAN_15, Database, clone, fast_folder, server

# How long a test may wait, on a machine with ten times as much to do. What is asked to take longer bounds itself.
LONGEST_SECONDS = None if os.environ.keys() & {"KILLS", "ORACLE_SECONDS", "FUZZ_SECONDS"} else 600

# What `--fast` leaves out: folders whose tests start processes, fixtures that start servers, and what is marked `slow`.
PROCESSES_IN = {"bench", "command", "end_to_end", "fuzz", "ops", "release", "sql", "upgrade"}
SERVERS_OF = {"system", "chat_server", "postgres", "postgres_any", "postgres_15", "own_postgres", "notify"}

# With it, what PostgreSQL 15 does not understand is found without running it: tests/sql/schema/test_postgres_15.py.
CHECKED_15 = (DEBIAN_15.parent / "lib" / "plpgsql_check.so").exists()

# Folders whose tests take longest.
LONGEST_IN = {"bench", "fuzz"}


# An example is not wrong because the machine is busy: Hypothesis fails one that takes 200 ms of wall time.
settings.register_profile("fechatter", deadline=None)
settings.load_profile("fechatter")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="only what runs in the tests' own process")


def pytest_configure(config: pytest.Config) -> None:
    """The folder of clusters is of the process that the workers of xdist inherit their environment from."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="fechatter-test-", dir=fast_folder())
        Path(folder).chmod(0o711)  # as root, Postgres runs as another user, who has to get in
        os.environ[CLUSTERS] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is in SQL is tested on the newest PostgreSQL; on the oldest one what depends on its version, and by
    `make test-long` all of it."""
    if "postgres_any" in metafunc.fixturenames:
        marked = any(mark.name == "postgres_15" for mark in metafunc.definition.iter_markers())
        oldest_too = marked or not CHECKED_15 or "LONG" in os.environ
        metafunc.parametrize("postgres_any", ["18", "15"] if oldest_too else ["18"], indirect=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Importing what is left out would take as long as the rest."""
    beside = collection_path.parent == Path(__file__).parent and collection_path.name in PROCESSES_IN
    return True if config.getoption("--fast") and beside else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: looking through it for garbage took a fifth of the time of collecting it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "LONG" not in os.environ:
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="make test-long"))
    # At the end, one worker would be busy with the last of them, and the others have nothing to do.
    items.sort(key=lambda item: item.nodeid.split("/", 2)[1] not in LONGEST_IN)
    if not config.getoption("--fast"):
        return
    slow = [item for item in items if not _is_fast(item)]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if _is_fast(item)]


def _is_fast(item: pytest.Item) -> bool:
    return SERVERS_OF.isdisjoint(getattr(item, "fixturenames", [])) and item.get_closest_marker("slow") is None


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """A test that waits for what never comes fails, and says where it waited."""
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        pyfuncitem.obj = _bounded(pyfuncitem.obj)


def _bounded(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., Coroutine[Any, Any, None]]:
    @functools.wraps(test)
    async def bounded(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(LONGEST_SECONDS):
            await test(*args, **kwargs)

    return bounded


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[EmbeddedPostgres]:
    """PostgreSQL 18, the embedded one."""
    async with server(None) as running:
        yield running


@pytest.fixture(scope="session")
async def postgres_15() -> AsyncIterator[EmbeddedPostgres]:
    """The oldest supported version, where Debian's is installed."""
    if not DEBIAN_15.exists():
        pytest.skip("PostgreSQL 15 is not installed (Debian 12: postgresql-15)")
    async with server(DEBIAN_15) as running:
        yield running


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A migrated, empty database for one test."""
    async with clone(postgres) as cloned:
        yield cloned


@pytest.fixture
def postgres_any(request: pytest.FixtureRequest) -> EmbeddedPostgres:
    """PostgreSQL 18; and 15 for tests marked `postgres_15`, or for all: in `make test-long`, and where nothing else
    analyses functions."""
    # Not async itself: inside a running loop no other async fixture could be set up.
    running: EmbeddedPostgres = request.getfixturevalue("postgres" if request.param == "18" else "postgres_15")
    return running


@pytest.fixture
async def database_any(postgres_any: EmbeddedPostgres) -> AsyncIterator[Database]:
    """Like `database`, on each PostgreSQL of `postgres_any`: for what is written in SQL."""
    async with clone(postgres_any) as cloned:
        yield cloned


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with private.pem and public.pem."""
    folder = tmp_path_factory.mktemp("keys")
    write_keys(folder)
    return folder
