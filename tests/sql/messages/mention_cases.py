"""The table of docs/mentions.md: what its data file says, and how the page shows it."""

import json
from pathlib import Path
from typing import NamedTuple

from tests.support.postgres import ROOT

DATA, PAGE = ROOT / "docs" / "mentions.json", ROOT / "docs" / "mentions.md"
SENDER, MEMBERS = "alice", ("bob", "carol", "kim", "ann_", "o.neil", "x-1")


class Case(NamedTuple):
    text: str
    names: list[str]
    everyone: str | None = None


def cases(path: Path = DATA) -> list[Case]:
    return [Case(*case) for case in json.loads(path.read_text())]


def table() -> str:
    """As the page has it: a text that holds backticks or a | is code between longer runs, with the | escaped."""
    lines = ["| text | mentions |", "|---|---|"]
    for case in cases():
        text = json.dumps(case.text, ensure_ascii=False).replace("|", "\\|")
        fence = "`"
        while fence in text:
            fence += "`"
        told = ", ".join([*case.names, *([f"everyone (`{case.everyone}`)"] if case.everyone else [])])
        lines.append(f"| {fence} {text} {fence} | {told or 'nobody'} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    head, _, _ = PAGE.read_text().partition("| text |")
    PAGE.write_text(head + table())
