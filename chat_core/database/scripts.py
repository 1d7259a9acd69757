"""The files of SQL that make the schema: numbered migrations, and the code of sql/, which is always the newest."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from chat_core.database import resources
from chat_core.database.pool import Connection

Report = Callable[[str], None]

_SECTIONS = re.compile(r"\A\s*-- migrate:up\n(?P<up>.*)^-- migrate:down\n(?P<down>.*)\Z", re.MULTILINE | re.DOTALL)


class MigrationError(Exception):
    """The files and the database do not fit together; the text says how and what to do."""


@dataclass(frozen=True, slots=True)
class Script:
    """A file of SQL. `name` is such as migrations/0003_log.sql, and its key in schema_migrations."""

    name: str
    up: str
    down: str
    sha256: str


def migrations() -> list[Script]:
    """In the order in which they are applied. A file that was applied is final; where its way back has turned out to be
    wrong, the one of the same name in `back/` replaces it."""
    scripts = []
    for path in sorted(resources.MIGRATIONS.glob("*.sql")):
        text, corrected = path.read_text(), path.parent / "back" / path.name
        sections = _SECTIONS.match(text)
        if sections is None:
            raise MigrationError(f"{path.name}: expected '-- migrate:up' and '-- migrate:down', each on a line")
        down = corrected.read_text() if corrected.exists() else sections["down"]
        scripts.append(Script(name(path), sections["up"], down, _sha256(text)))
    return scripts


def code() -> list[Script]:
    """In the order in which they are applied: the grants are the last."""
    paths = [path for folder in resources.CODE for path in sorted(folder.rglob("*.sql"))]
    return [_code(path) for path in [*paths, resources.GRANTS]]


async def execute(connection: Connection, script: Script) -> None:
    """MigrationError that names the file if PostgreSQL refuses it."""
    try:
        await connection.execute(script.up)
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{script.name}: {error}") from error


async def note(connection: Connection, scripts: list[Script]) -> None:
    """In the ledger, as applied now."""
    await connection.execute(
        "INSERT INTO schema_migrations (name, sha256) SELECT * FROM unnest($1::text[], $2::text[]) "
        "ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = now()",
        [script.name for script in scripts],
        [script.sha256 for script in scripts],
    )


def _code(path: Path) -> Script:
    text = path.read_text()
    return Script(name(path), text, "", _sha256(text))


def name(path: Path) -> str:
    """Its key in the ledger, such as sql/grants.sql."""
    return str(path.relative_to(resources.SCHEMA))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
