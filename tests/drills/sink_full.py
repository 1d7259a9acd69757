"""The disk of a sink's broker is full for long, while people write: a small tmpfs that something else fills. NATS gives
JetStream up over it, and is started again once there is room, as whatever runs it would do."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.drills.drill import Drill, Exercise, root, tmpfs
from tests.drills.sink import meanwhile
from tests.support.services import brokers

MEBIBYTES = 64


async def run(exercise: Exercise) -> str:
    folder = exercise.folder / "jetstream"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEBIBYTES}m", "none", folder], check=True)

    @asynccontextmanager
    async def full(nats: brokers.Nats) -> AsyncIterator[None]:
        filling = asyncio.create_task(_fill(folder / "filler"))
        yield
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
        (folder / "filler").unlink()
        await nats.kill()
        await nats.start()

    try:
        return await meanwhile(exercise, folder, full)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


async def _fill(filler: Path) -> None:
    """Until it is cancelled; what is freed is taken, too."""
    with filler.open("wb") as file:
        while True:
            with suppress(OSError):  # somebody else was quicker
                free = shutil.disk_usage(filler.parent).free
                os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), max(free, 1))
            await asyncio.sleep(0.01)


DRILL = Drill(
    fault="the disk of a sink's broker full for long",
    expected="the cursor waits in the log and goes on; each event at least once, each chat in order",
    run=run,
    needs=[root, tmpfs],
)
