"""The disk of Postgres is full for some seconds, again and again, while people write: a small tmpfs that something else
fills. Where Postgres ends over it, it is started again once there is room, as whatever runs it would do."""

import asyncio
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from chat_core.problems import DATABASE_ERRORS
from tests.drills.drill import Drill, Exercise, root, tmpfs
from tests.end_to_end import oracle
from tests.end_to_end.oracle import Session
from tests.end_to_end.parts import Cluster

MEBIBYTES = 320
FULL_SECONDS = 4.0
# Of WAL little is kept, so that the disk is full of what nobody will free.
SETTINGS = {"max_wal_size": "64MB", "min_wal_size": "32MB"}


class Disk:
    def __init__(self, session: Session, folder: Path) -> None:
        self._session, self._folder = session, folder
        self.ended = 0

    async def fill_wal(self) -> None:
        """Full when Postgres needs a new file for its WAL, without which it cannot go on."""
        await self.fill(switches=8)

    async def fill(self, switches: int = 0) -> None:
        filler = self._folder / "filler"
        with filler.open("wb") as file:
            loop = asyncio.get_running_loop()
            until = loop.time() + FULL_SECONDS
            while loop.time() < until:  # what a checkpoint frees is taken, too
                free = shutil.disk_usage(self._folder).free
                with suppress(OSError):  # somebody else was quicker
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), max(free, 1))
                await asyncio.sleep(0.01)
                switches -= 1
                if switches > 0:
                    with suppress(*DATABASE_ERRORS):
                        async with self._session.system.sql() as sql:
                            await sql.execute("SELECT pg_logical_emit_message(false, 'drill', 'x'), pg_switch_wal()")
        filler.unlink()
        postgres = self._session.postgres
        if not postgres.is_running():
            self.ended += 1
            await postgres.wait()
            await postgres.start()


async def run(exercise: Exercise) -> str:
    folder = exercise.folder / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEBIBYTES}m", "none", folder], check=True)
    try:
        cluster = Cluster(folder, SETTINGS)
        async with oracle.session(exercise.keys, exercise.seed, cluster=cluster) as session:
            disk = Disk(session, folder)
            session.faults = {"disk full": disk.fill, "disk full, new WAL needed": disk.fill_wal}
            outcome = await session.run(exercise.seconds, max(2, int(exercise.seconds / 15)), exercise.report)
            exercise.report(f"{outcome}; {dict(session.statuses)}")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
    assert outcome.clean(), outcome
    refused = {status: n for status, n in session.statuses.items() if status >= 500}
    assert refused.keys() <= {503}, f"what cannot be stored is answered with 503: {refused}"
    assert refused, "it was full while people wrote"
    return f"{outcome.short()}; {refused[503]} answers 503; Postgres ended over it {disk.ended} times"


DRILL = Drill(
    fault="the disk of Postgres full for 4 s, also when it needs a new file for its WAL",
    expected="503, recovers by itself once there is room; 0 acknowledged lost, 0 lost, doubled, out of order",
    run=run,
    needs=[root, tmpfs],
)
