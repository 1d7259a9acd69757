"""`python -m bench`: runs benchmarks and prints one table."""

import argparse
import asyncio
import importlib
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bench import system
from bench.benchmarks import board_opening
from bench.code import Code, beside, checkout, code_before
from bench.figures import machine, table
from bench.figures.result import BenchError, Result, Run, Size
from bench.peers import ejabberd
from fechatter.progress import say

# In the order in which they run; the module of benchmarks/ has the same name, with underscores.
BENCHMARKS = (
    "send",
    "send-slow-disk",
    "mixed",
    "fan-out",
    "room",
    "receipt",
    "typing",
    "memory",
    "storm",
    "sign-out",
    "catch-up",
    "from-empty",
    "growth",
    "search",
    "compliance",
    "imports",
    "boards",
    "pages",
    "permissions",
    "web",
    "scale",
    "ephemeral",
    "standby-reads",
    "delivery",
    "cells",
    "start",
)

ABOUT = """\
Measure Fechatter beside peers and floors, each benchmark in one run on this machine. It is started as a user would,
by `fechatter up` on a fresh data directory, fsync on. Progress goes to stderr; stdout gets one table:

  figure   the median over repeats where there are any
  beside   the peer, the floor or the code before, measured in turns with it
  ratio    figure / beside
  target   what it must reach

With --before, send, mixed, fan-out, receipt, memory, storm and from-empty also measure the code of another commit in
turns with this one. FOLDER is a checkout of it in which `make setup` has made an environment.

A line below each figure says what limited it. Exit status 1 if a benchmark failed, 0 whatever the figures are.
"""

EXAMPLES = """\
examples:
  make bench                     all of them, a few minutes
  make bench BENCH=send          one
  python -m bench send growth    some
  git worktree add --detach ../old 7697a2f && make -C ../old setup
  python -m bench receipt storm --before ../old
                                 two, beside another commit
  python -m bench --size tiny    seconds; shows that they work, the figures mean nothing
"""


def benchmark(name: str) -> Run:
    run: Run = importlib.import_module(f"bench.benchmarks.{name.replace('-', '_')}").run
    return run


async def measure(names: Sequence[str], size: Size) -> dict[str, list[Result]]:
    """The results by benchmark. A failing one is reported on stderr and does not keep the others from running."""
    results: dict[str, list[Result]] = {}
    async with AsyncExitStack() as stack:
        if size == "tiny":
            await stack.enter_async_context(system.shared(**board_opening.SETTINGS))
            await stack.enter_async_context(ejabberd.shared())
        for name in names:
            say(f"{name}: starting")
            try:
                results[name] = await benchmark(name)(size)
                if (other := code_before()) and all(result.peer != other.name for result in results[name]):
                    say(f"{name}: measures this code alone, whatever --before says")
            except BenchError as error:
                say(f"{name}: failed: {error}")
    return results


def main() -> int:
    arguments = _parse()
    names: list[str] = arguments.benchmark or list(BENCHMARKS)
    described = machine.describe()
    with beside(arguments.before):
        results = asyncio.run(measure(names, arguments.size))
    if arguments.json:
        arguments.json.write_text(table.as_json(results, described))
    print(table.render(results, described))
    if arguments.size == "tiny":
        print("\nsize tiny: it works; the figures mean nothing")
    return 0 if len(results) == len(names) else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # No `choices` for a positional of any number: argparse would hold the empty list against them.
    parser.add_argument(
        "benchmark", nargs="*", type=_name, help=f"which to run (default: all): {', '.join(BENCHMARKS)}"
    )
    parser.add_argument("--size", choices=["tiny", "normal", "full"], default="normal", help="default: normal")
    parser.add_argument(
        "--before", type=_checkout, metavar="FOLDER", help="a checkout of another commit, to measure in turns with this"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    return parser.parse_args()


def _name(text: str) -> str:
    if text in BENCHMARKS:
        return text
    raise argparse.ArgumentTypeError(f"there is no benchmark {text!r}; there are {', '.join(BENCHMARKS)}")


def _checkout(text: str) -> Code:
    try:
        return checkout(Path(text).resolve())
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
