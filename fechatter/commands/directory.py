"""`fechatter directory import`: people, departments, positions and managers of an organisation from a CSV file."""

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from chat_core.database.queries import query
from chat_core.process.patience import still
from chat_core.settings import Settings
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say

DIRECTORY_IMPORT = query("directory_import", "organization", "source", "rows", "parts", "forced")
FEATURE_ON = query("organization_feature_on", "organization", "name")
COLUMNS: Final = ("email", "external_id", "department", "position", "head", "primary", "manager")
# More is another format's.
MOST_ROWS: Final = 200_000
MOST_BAD: Final = 20
LEVELS: Final = 15


@dataclass
class File:
    """What a file says, and what of it cannot be understood."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    columns: frozenset[str] = frozenset()
    bad: list[str] = field(default_factory=list)

    @property
    def parts(self) -> list[str]:
        """What it speaks of. What has no column stays as it is, which an empty cell does not."""
        named = {"departments": "department", "managers": "manager"}
        return [part for part, column in named.items() if column in self.columns]


async def import_file(settings: Settings, file: Path, organization: int, source: str, dry: bool, forced: bool) -> int:
    """Prints what it has done, or with `dry` would do, and returns the exit status: 1 if it stopped."""
    said = read(file)
    if said.bad:
        more = ["and more"] if len(said.bad) > MOST_BAD else []
        raise CommandError("\n".join(["nothing is changed:", *said.bad[:MOST_BAD], *more]))
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            if not await FEATURE_ON.value(connection, organization=organization, name="enable_organizations"):
                raise CommandError(f"there is no organisation {organization}, or enable_organizations is off for it")
            with still(say, f"comparing {len(said.rows):,} rows with the directory"):
                acts = await _import(connection, said, organization, source, dry, forced)
        except asyncpg.PostgresError as error:
            raise CommandError(f"nothing is changed: {error}") from None
        finally:
            await connection.close()
    stopped = any(act == "stopped" for act, _ in acts)
    for act, about in acts:
        print(f"{act}: {about}")
    if stopped:
        print("nothing is changed: if that is right, repeat it with --force")
    elif not acts:
        print("nothing to do")
    elif dry:
        print("nothing is changed: this was a dry run")
    return 1 if stopped else 0


async def _import(
    connection: "asyncpg.Connection[asyncpg.Record]",
    said: File,
    organization: int,
    source: str,
    dry: bool,
    forced: bool,
) -> list[tuple[str, str]]:
    """What is done. A dry run does it, and what is checked at COMMIT too, and takes it back."""
    transaction = connection.transaction()
    await transaction.start()
    keep = False
    try:
        rows = await DIRECTORY_IMPORT.rows(
            connection,
            organization=organization,
            source=source,
            rows=json.dumps(said.rows),
            parts=said.parts,
            forced=forced,
        )
        keep = not dry
        if dry:  # the rules that COMMIT would check; the log's part is left to it, which does all events at once
            await connection.execute("SET CONSTRAINTS p80_keeps_owner_leave, p80_keeps_owner_demote IMMEDIATE")
        return [(row["act"], row["about"]) for row in rows]
    finally:
        await (transaction.commit() if keep else transaction.rollback())


def read(file: Path) -> File:
    """What a file says. Raises CommandError if it is no CSV with known columns."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = csv.reader(opened, strict=True)
            header = [name.strip().lower() for name in next(lines, [])]
            _check_header(file, header)
            said = File(columns=frozenset(header))
            for cells in lines:
                if any(cell.strip() for cell in cells):
                    said.rows.append(_row(said, file, lines.line_num, header, cells))
                if len(said.rows) > MOST_ROWS or len(said.bad) > MOST_BAD:
                    break
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8") from None
    except csv.Error as error:
        raise CommandError(f"{file}:{lines.line_num}: no CSV: {error}") from None
    if len(said.rows) > MOST_ROWS:
        raise CommandError(f"{file} has more than {MOST_ROWS:,} rows")
    return said


def _check_header(file: Path, header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS:
            raise CommandError(f"{file}:1: column {name!r}: expected one of {', '.join(COLUMNS)}")
        if header.count(name) > 1:
            raise CommandError(f"{file}:1: column {name} is there twice")
    if "email" not in header:
        raise CommandError(f"{file}:1: the column email is missing")
    if "department" not in header and {"position", "head", "primary"} & set(header):
        raise CommandError(
            f"{file}:1: the column department is missing: position, head and primary say what one is there"
        )


def _row(said: File, file: Path, line: int, header: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(header):
        said.bad.append(f"{file}:{line}: expected {len(header)} cells, got {len(cells)}")
        return {}
    given = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}

    def refuse(column: str, expected: str) -> None:
        said.bad.append(f"{file}:{line}: column {column}: expected {expected}, got {given[column][:80]!r}")

    for column in ("email", "manager"):
        address = given.get(column, "")
        if (column == "email" or address) and (address.count("@") != 1 or len(address) > 254 or " " in address):
            refuse(column, "an e-mail address")
    if given.get("manager", "").lower() == given["email"].lower():
        refuse("manager", "somebody else")
    path = [name.strip() for name in given.get("department", "").split("/")] if given.get("department") else []
    if len(path) > LEVELS or any(not 1 <= len(name) <= 80 for name in path):
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
