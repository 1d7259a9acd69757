"""People, departments, positions and managers of an organisation from a CSV list: an operator's, by `fechatter
directory import`, or an admin's, over REST."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from chat_core.database.pool import Connection
from chat_core.database.queries import Query

COLUMNS: Final = ("email", "external_id", "department", "position", "head", "primary", "manager")
# More is another format's.
MOST_ROWS: Final = 200_000
MOST_BAD: Final = 20
LEVELS: Final = 15


class Unreadable(Exception):
    """It is no list with known columns; says where, and what was expected."""


@dataclass
class Listed:
    """What a list says, and what of it cannot be understood."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    columns: frozenset[str] = frozenset()
    bad: list[str] = field(default_factory=list)

    @property
    def parts(self) -> list[str]:
        """What it speaks of. What has no column stays as it is, which an empty cell does not."""
        named = {"departments": "department", "managers": "manager"}
        return [part for part, column in named.items() if column in self.columns]


async def brought(
    connection: "Connection | asyncpg.Connection[asyncpg.Record]",
    bring: Query,
    listed: Listed,
    dry: bool,
    **others: Any,
) -> list[tuple[str, str]]:
    """What is done. A dry run does it, and what is checked at COMMIT too, and takes it back."""
    transaction = connection.transaction()
    await transaction.start()
    keep = False
    try:
        rows = await bring.rows(connection, rows=json.dumps(listed.rows), parts=listed.parts, **others)
        keep = not dry
        if dry:  # the rules that COMMIT would check; the log's part is left to it, which does all events at once
            await connection.execute("SET CONSTRAINTS p80_keeps_owner_leave, p80_keeps_owner_demote IMMEDIATE")
        return [(row["act"], row["about"]) for row in rows]
    finally:
        await (transaction.commit() if keep else transaction.rollback())


def read(lines: Iterable[str], name: str, most_rows: int = MOST_ROWS) -> Listed:
    """What a list says, whose name is said with what is wrong. Raises Unreadable if it is no CSV with known columns."""
    reader = csv.reader(lines, strict=True)
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        _check_header(name, header)
        listed = Listed(columns=frozenset(header))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                listed.rows.append(_row(listed, name, reader.line_num, header, cells))
            if len(listed.rows) > most_rows or len(listed.bad) > MOST_BAD:
                break
    except csv.Error as error:
        raise Unreadable(f"{name}:{reader.line_num}: no CSV: {error}") from None
    if len(listed.rows) > most_rows:
        raise Unreadable(f"{name} has more than {most_rows:,} rows")
    return listed


def _check_header(name: str, header: list[str]) -> None:
    for column in header:
        if column not in COLUMNS:
            raise Unreadable(f"{name}:1: column {column!r}: expected one of {', '.join(COLUMNS)}")
        if header.count(column) > 1:
            raise Unreadable(f"{name}:1: column {column} is there twice")
    if "email" not in header:
        raise Unreadable(f"{name}:1: the column email is missing")
    if "department" not in header and {"position", "head", "primary"} & set(header):
        raise Unreadable(
            f"{name}:1: the column department is missing: position, head and primary say what one is there"
        )


def _row(listed: Listed, name: str, line: int, header: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(header):
        listed.bad.append(f"{name}:{line}: expected {len(header)} cells, got {len(cells)}")
        return {}
    given = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}

    def refuse(column: str, expected: str) -> None:
        listed.bad.append(f"{name}:{line}: column {column}: expected {expected}, got {given[column][:80]!r}")

    for column in ("email", "manager"):
        address = given.get(column, "")
        if (column == "email" or address) and (address.count("@") != 1 or len(address) > 254 or " " in address):
            refuse(column, "an e-mail address")
    if given.get("manager", "").lower() == given["email"].lower():
        refuse("manager", "somebody else")
    path = [part.strip() for part in given.get("department", "").split("/")] if given.get("department") else []
    if len(path) > LEVELS or any(not 1 <= len(part) <= 80 for part in path):
        refuse("department", f"at most {LEVELS} names of 1 to 80 characters, with / between them")
    for column, most in (("position", 80), ("external_id", 200)):
        if len(given.get(column, "")) > most:
            refuse(column, f"at most {most} characters")
    flags = {}
    for column in ("head", "primary"):
        flags[column] = given.get(column, "").lower() in ("yes", "true", "1")
        if given.get(column, "").lower() not in ("", "yes", "no", "true", "false", "1", "0"):
            refuse(column, "yes or no")
    for column in ("position", "head", "primary"):
        if not path and (flags[column] if column in flags else given.get(column)):
            refuse(column, "nothing, since the row has no department")
    return {
        "email": given["email"],
        "external_id": given.get("external_id") or None,
        "department": path or None,
        "position": given.get("position") or None,
        "is_head": flags["head"],
        "is_primary": flags["primary"],
        "manager": given.get("manager") or None,
    }
