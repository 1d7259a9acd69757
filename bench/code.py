"""Whose code is measured: ours and, with `--before FOLDER`, that of another commit, which takes turns with it.

The folder is a checkout with an environment of its own. Of that code only what ours has, too, is used: `fechatter up`
and `fechatter chat-server`, run by its own Python in its own folder, REST, streams, and the tables that people.py fills
with chats.
"""

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml

from bench.figures.result import Result

ROOT = Path(__file__).parent.parent

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Code:
    """A checkout, or a folder that looks like one. `name` is what progress and the table call it."""

    folder: Path
    name: str
    python: Path = Path(sys.executable)

    def has_setting(self, section: str, name: str) -> bool:
        """Its app.yaml has all settings with their defaults; an unknown one keeps its servers from starting."""
        settings = yaml.safe_load((self.folder / "app.yaml").read_text())
        return name in settings.get(section, {})


OURS = Code(ROOT, "fechatter")
_before: ContextVar[Code | None] = ContextVar("_before", default=None)


def checkout(folder: Path) -> Code:
    """The code before. ValueError with a sentence for people if it cannot run."""
    python = folder / ".venv/bin/python"
    if not (folder / "fechatter").is_dir():
        raise ValueError(f"{folder} is no checkout of Fechatter")
    if not python.exists():
        raise ValueError(f"{folder} has no environment: run `make setup` there")
    return Code(folder, f"before ({_commit(folder)})", python)


def _commit(folder: Path) -> str:
    """Short; or the folder's name, where there is no git."""
    command = ["git", "-C", str(folder), "rev-parse", "--short=7", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return folder.name


@contextmanager
def beside(before: Code | None) -> Iterator[None]:
    """Within this, benchmarks that can measure the code before, too."""
    token = _before.set(before)
    try:
        yield
    finally:
        _before.reset(token)


def code_before() -> Code | None:
    return _before.get()


def codes() -> list[Code]:
    """What takes turns: ours, and the code before if there is one."""
    other = code_before()
    return [OURS] if other is None else [OURS, other]


def beside_before(
    name: str,
    unit: str,
    found: Mapping[str, Sequence[T]],
    figure: Callable[[T], float],
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    note: str = "",
) -> list[Result]:
    """The row of a figure beside that of the code before; none without it. It is the median of what was found, round by
    round, for the code of each name."""
    other = code_before()
    if other is None:
        return []
    ours, theirs = (statistics.median(map(figure, found[code.name])) for code in (OURS, other))
    target, reached = "", None
    if at_most is not None:
        target, reached = f"≤ {at_most:g} ×", ours <= at_most * theirs
    if at_least is not None:
        target, reached = f"≥ {at_least:g} ×", ours >= at_least * theirs
    return [Result(name, ours, unit, other.name, theirs, target, reached, note)]
