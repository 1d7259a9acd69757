"""The same as `restore`, with Barman, which receives the WAL as a standby does."""

import asyncio
import os
import pwd
import sys
from pathlib import Path

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import account_for, programs
from tests.drills.drill import Drill, Exercise, program
from tests.drills.restore import rehearsed
from tests.support import beside

PACKAGES = ("barman==3.19.1",)
# A folder of an earlier installation, so that each drill need not make its own.
INSTALLED = Path(os.environ.get("BARMAN", Path(sys.prefix, "barman")))
NAME = "fechatter"
CONFIG = """\
[barman]
barman_home = {home}
barman_user = {user}
log_file = {home}/barman.log

[{name}]
description = Fechatter
conninfo = host={socket} user=postgres dbname=postgres
streaming_conninfo = host={socket} user=postgres
backup_method = postgres
streaming_archiver = on
slot_name = barman
path_prefix = {bin_dir}
immediate_checkpoint = true
"""


class Barman:
    """It keeps backups and WAL in a folder of its own, and runs as PostgreSQL's user."""

    def __init__(self, folder: Path) -> None:
        self._account = account_for(folder / "lost" / "postgres", lambda _: None)
        self._bin_dir = programs(self._account, None)
        self._home, self._staging = folder / "barman", folder / "staging"
        self._backups: list[str] = []
        self._receiving: asyncio.Task[str] | None = None
        for made in (self._home, self._staging):
            made.mkdir()
            self._account.give(made)

    @property
    def settings(self) -> dict[str, str]:
        return {"summarize_wal": "on"}

    async def begin(self, postgres: EmbeddedPostgres) -> None:
        user = pwd.getpwuid(os.geteuid() if self._account.uid is None else self._account.uid).pw_name
        socket = os.path.realpath(postgres.cluster.parent / "socket")
        about = {"home": self._home, "user": user, "name": NAME, "socket": socket, "bin_dir": self._bin_dir}
        config = self._home / "barman.conf"
        config.write_text(CONFIG.format(**about))
        config.chmod(0o644)
        await self._barman("receive-wal", "--create-slot", NAME)
        self._receiving = asyncio.create_task(self._barman("receive-wal", NAME))
        await self._archived()
        await self._barman("check", NAME)

    async def take(self, postgres: EmbeddedPostgres) -> None:
        name = f"backup-{len(self._backups)}"
        since = ("--incremental", self._backups[-1]) if self._backups else ()
        await self._barman("backup", "--wait", "--name", name, *since, NAME)
        self._backups.append(name)

    async def end(self) -> None:
        await self._archived()
        await self._barman("receive-wal", "--stop", NAME)
        assert self._receiving is not None
        await asyncio.wait([self._receiving])

    async def put_back(self, data: Path, moment: str) -> None:
        self._account.give(data.parent)
        await self._barman(
            *("restore", "--staging-path", self._staging, "--staging-location", "local", "--target-time", moment),
            *("--target-action", "promote", NAME, self._backups[-1], data),
        )
        data.parent.chmod(0o711)

    async def _archived(self) -> None:
        """Everything up to here."""
        await self._barman("switch-wal", "--force", "--archive", NAME)

    async def _barman(self, *arguments: str | Path) -> str:
        # It runs as the user of PostgreSQL, who may not be able to enter the folder of our own Python.
        python = sys.executable if self._account.can_run(Path(sys.executable)) else "/usr/bin/python3"
        code = "from barman.cli import main; main()"
        command = ("env", f"PYTHONPATH={INSTALLED}", python, "-c", code, "--config", self._home / "barman.conf")
        done = await asyncio.to_thread(self._account.run, *command, *arguments)
        assert done.returncode == 0, f"barman {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}"
        return done.stdout


async def run(exercise: Exercise) -> str:
    return await rehearsed(exercise, Barman(exercise.folder))


DRILL = Drill(
    fault="the same, with Barman (full and incremental backups, the WAL received by streaming)",
    expected="exactly what was committed by then; cursors above it get a reset; positions are of one event each",
    run=run,
    needs=(program("rsync", "rsync"), lambda: beside.installed(INSTALLED, PACKAGES)),
)
