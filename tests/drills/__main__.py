"""`python -m tests.drills`: makes faults on real processes, and says what came of them.

A drill is a module of this folder with `DRILL` (drill.py). Without a name they are listed; `--all` runs each in a
process of its own and prints the table of docs/operations/drills.md.
"""

import argparse
import asyncio
import functools
import importlib
import logging
import os
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType

from tests.drills.drill import Drill, Exercise
from tests.support.keys import write_keys
from tests.support.postgres import CLUSTERS

HERE = Path(__file__).parent
FRAME = {"__main__", "drill"}
ROW = "| {} | {} | {} | `make drill NAME={}` |"
SKIPPED = 77  # as test harnesses have it
LONGEST_SECONDS = 900  # on a busy machine, beside the time in which faults are made


@functools.cache
def names() -> list[str]:
    """All drills, by the names of their modules."""
    found = {path.stem for path in HERE.glob("*.py")} - FRAME
    return sorted(name for name in found if not name.startswith("test_") and hasattr(_module(name), "DRILL"))


def drill(name: str) -> Drill:
    found: Drill = _module(name).DRILL
    return found


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"tests.drills.{name}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def exercised(name: str, minutes: float | None, seed: str) -> str:
    """What was seen."""
    chosen = drill(name)
    seconds = 60 * (chosen.minutes if minutes is None else minutes)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fechatter-drill-")))
        folder.chmod(0o711)  # as root, Postgres runs as another user, who has to get in
        keys, clusters = folder / "keys", folder / "clusters"
        for made in (keys, clusters):
            made.mkdir(mode=0o711)
        write_keys(keys)
        os.environ[CLUSTERS] = str(clusters)
        exercise = Exercise(keys, folder, seconds, seed, lambda line: say(f"  {line}"), stack)
        async with asyncio.timeout(LONGEST_SECONDS + 2 * seconds):
            return await chosen.run(exercise)


def run(name: str, minutes: float | None, seed: str) -> int:
    """Prints what was seen, or why nothing was; an assertion's traceback says what was wrong."""
    if reason := drill(name).missing():
        print(f"skipped: {reason}")
        return SKIPPED
    say(f"{name}: {drill(name).fault} (SEED={seed})")
    logging.getLogger().addHandler(logging.NullHandler())  # clients' words about each cut connection
    print(asyncio.run(exercised(name, minutes, seed)))
    return 0


def run_all(minutes: float | None) -> int:
    """Each in a process of its own, one after the other, since a drill may leave a machine that a next one would feel.
    Returns 1 if one of them failed."""
    rows, failed = [], 0
    for name in names():
        command = [
            sys.executable,
            "-m",
            "tests.drills",
            name,
            *([] if minutes is None else ["--minutes", f"{minutes}"]),
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        failed += done.returncode not in (0, SKIPPED)
        seen = done.stdout.strip().rpartition("\n")[2] if done.returncode in (0, SKIPPED) else "**failed**, see above"
        rows.append(ROW.format(drill(name).fault, drill(name).expected, seen, name))
    print("| fault | expected | seen | command |", "|---|---|---|---|", *rows, sep="\n")
    return min(failed, 1)


def list_all() -> int:
    for name in names():
        reason = drill(name).missing()
        print(f"{name:16} {drill(name).fault}" + (f" (not here: {reason})" if reason else ""))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("name", nargs="?", choices=names(), metavar="NAME", help=", ".join(names()))
    parser.add_argument("--all", action="store_true", help="each after the other")
    parser.add_argument("--minutes", type=float, help="how long faults are made, where a drill makes more than one")
    parser.add_argument("--seed", default=str(time.time_ns()), help="of an earlier run")
    arguments = parser.parse_args()
    if arguments.all:
        return run_all(arguments.minutes)
    return run(arguments.name, arguments.minutes, arguments.seed) if arguments.name else list_all()


if __name__ == "__main__":
    sys.exit(main())
