"""docs/operations/psql.md as a test sees it: sessions of psql, each a command and the output that it shows."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from chat_core.database.embedded_account import wheel_programs

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "operations" / "psql.md"
PROMPT = "fechatter=# "
_BLOCK = re.compile(r"^```psql\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What differs from run to run, and what is compared in its place.
_VOLATILE = [
    (r"/reset#[0-9a-f]{64}", "LINK"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?\+00(:00)?", "TIME"),
    (r"\bevents_\d{8}\b", "events_DAY"),
    (r"\b(?=\w*\d)[0-9a-f]{8}\b", "HEX"),
    (r"\d+ (bytes|kB|MB)", "SIZE"),
]
_VOLATILE_COLUMNS = {
    "pid",
    "blocked_by",
    "seconds_since_read",
    "transaction_seconds",
    "last_minute",
    "epoch",
    "move_epoch",
}


@dataclass(frozen=True)
class Step:
    command: str
    output: str


def steps(text: str) -> list[Step]:
    found = []
    for block in _BLOCK.findall(text):
        before, *sessions = re.split(rf"^{PROMPT}", block, flags=re.MULTILINE)
        assert not before, f"a psql block begins with {before!r}"
        for session in sessions:
            command, _, output = session.partition("\n")
            found.append(Step(command, output.rstrip()))
    return found


def run(command: str, url: str) -> str:
    """What psql prints for one command, errors included."""
    done = subprocess.run(
        [wheel_programs() / "psql", "-X", "-v", "SHOW_CONTEXT=never", "-c", command, url],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        env={"LC_ALL": "C.UTF-8", "PGTZ": "UTC"},
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).rstrip()


def shape(output: str) -> list[list[str]]:
    """Lines of cells without what is volatile: times, ids of runs, sizes; widths do not count."""
    columns: list[str] = []
    lines: list[list[str]] = []
    for line in output.splitlines():
        if set(line) <= set("-+") and line:
            columns = lines[-1]
            continue
        cells = [_stable(cell.strip()) for cell in line.split(" | ")]
        if len(cells) == len(columns) and not line.startswith("("):
            cells = [
                "VOLATILE" if name in _VOLATILE_COLUMNS and cell else cell
                for name, cell in zip(columns, cells, strict=True)
            ]
        lines.append(cells)
    return [line for line in lines if line != [""]]


def _stable(cell: str) -> str:
    for pattern, name in _VOLATILE:
        cell = re.sub(pattern, name, cell)
    return cell


def pasted(text: str, outputs: list[str]) -> str:
    """The document with these outputs, one for each of its steps in order."""
    remaining = iter(outputs)

    def paste(block: re.Match[str]) -> str:
        sessions = [f"{PROMPT}{step.command}\n{next(remaining)}\n" for step in steps(block[0])]
        return "```psql\n" + "\n".join(sessions) + "```"

    return _BLOCK.sub(paste, text)
