"""The table at the end of a run, and the same as JSON."""

import dataclasses
import json
import textwrap
from collections.abc import Mapping, Sequence

from bench.figures.machine import Machine
from bench.figures.result import Result

HEADINGS = ("benchmark", "measured", "figure", "beside", "ratio", "target", "reached")
WIDTH = 150


def render(results: Mapping[str, Sequence[Result]], machine: Machine) -> str:
    """The machine, then a row a result with its note below it."""
    rows = [(_cells(name, result), result.note) for name, of_one in results.items() for result in of_one]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *(cells for cells, _ in rows), strict=True)]
    lines = [str(machine), "", _line(HEADINGS, widths), _line(["─" * width for width in widths], widths)]
    for cells, note in rows:
        lines.append(_line(cells, widths))
        indent = " " * (widths[0] + 2)
        lines += textwrap.wrap(note, WIDTH, initial_indent=indent + "  ", subsequent_indent=indent + "  ")
    return "\n".join(lines)


def as_json(results: Mapping[str, Sequence[Result]], machine: Machine) -> str:
    shown = {
        name: [{**dataclasses.asdict(result), "ratio": result.ratio} for result in of_one]
        for name, of_one in results.items()
    }
    return json.dumps({"machine": dataclasses.asdict(machine), "results": shown}, indent=2, ensure_ascii=False) + "\n"


def number(value: float) -> str:
    """Three significant digits or all before the point: 12,345; 123; 12.3; 0.0123."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}"


def _cells(name: str, result: Result) -> tuple[str, ...]:
    beside = f"{result.peer} {number(result.peer_value)}" if result.peer_value is not None else ""
    ratio = f"{number(result.ratio)} ×" if result.ratio is not None else ""
    reached = {None: "", True: "yes", False: "NO"}[result.reached]
    return name, result.name, f"{number(result.value)} {result.unit}", beside, ratio, result.target, reached


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
