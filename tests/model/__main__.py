"""`make model`: explores the whole worlds, and shows how each mutant fails."""

import sys
from dataclasses import replace

from tests.model.explore import explore
from tests.model.worlds import MUTANTS, WHOLE


def _progress(states: int, depth: int, seconds: float) -> None:
    print(f"  {states:,} states, depth {depth}, {seconds:.0f} s", file=sys.stderr, flush=True)


def main() -> int:
    broken = False
    for name, (world, _) in MUTANTS.items():
        found = explore(replace(world, mutant=name))
        broken |= not found.violation
        print(f"mutant: {name}: {found}\n", flush=True)
    print("| world | states | depth | s |\n|---|---:|---:|---:|")
    for name, world in WHOLE.items():
        found = explore(world, progress=_progress)
        broken |= bool(found.violation)
        print(f"| {name} | {found.states:,} | {found.depth} | {found.seconds:.0f} |", flush=True)
        if found.violation:
            print(found)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
