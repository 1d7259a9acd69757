"""What one check of `fechatter doctor` reports."""

from dataclasses import dataclass
from pathlib import Path

from chat_core.database import queries

_FILE = Path(__file__).with_name("checks.sql")
SQL = queries.parse(_FILE.read_text(), _FILE.name)


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is one word. `problem` says in one line what is wrong and how to fix it; None: all is well, and
    `detail` says what was found."""

    check: str
    detail: str
    problem: str | None = None
