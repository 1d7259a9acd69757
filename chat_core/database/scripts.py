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

# In a file that is known to take long: `-- migrate:statement_timeout 2h`, in PostgreSQL's units.
_STATEMENT_TIMEOUT = re.compile(r"^-- migrate:statement_timeout (?P<time>[1-9]\d*(?:ms|s|min|h))$", re.MULTILINE)
# Each statement of the others: while it works, it may keep all others from its tables.
STATEMENT_TIMEOUT = "10min"
_KNOWN = re.compile(r"^-- migrate:(?:up|down)$|" + _STATEMENT_TIMEOUT.pattern, re.MULTILINE)
_DIRECTIVE = re.compile(r"^-- migrate:.*$", re.MULTILINE)

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
    statement_timeout: str


def migrations() -> list[Script]:
    """In the order in which they are applied. A file that was applied is final; where its way back has turned out to be
    wrong, the one of the same name in `back/` replaces it."""
    scripts = []
    for path in sorted(resources.MIGRATIONS.glob("*.sql")):
        text, corrected = path.read_text(), path.parent / "back" / path.name
        sections = _SECTIONS.match(text)
        if sections is None:
            raise MigrationError(f"{path.name}: expected '-- migrate:up' and '-- migrate:down', each on a line")
        if unknown := [line for line in _DIRECTIVE.findall(text) if not _KNOWN.fullmatch(line)]:
            raise MigrationError(f"{path.name}: expected '-- migrate:statement_timeout 2h', not '{unknown[0]}'")
        down = corrected.read_text() if corrected.exists() else sections["down"]
        own = _STATEMENT_TIMEOUT.search(sections["up"])
        script = Script(name(path), sections["up"], down, _sha256(text), own["time"] if own else STATEMENT_TIMEOUT)
        scripts.append(script)
    return scripts


def code() -> list[Script]:
    """In the order in which they are applied: the grants are the last."""
    paths = [path for folder in resources.CODE for path in sorted(folder.rglob("*.sql"))]
    return [_code(path) for path in [*paths, resources.GRANTS]]


async def execute(connection: Connection, script: Script) -> None:
    """MigrationError that names the file if PostgreSQL refuses it; another one's locks are the caller's affair."""
    try:
        await connection.execute(script.up)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
        raise
    except asyncpg.QueryCanceledError as error:
        raise MigrationError(
            f"{script.name}: a statement took longer than {script.statement_timeout}: {error}"
        ) from error
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
    return Script(name(path), text, "", _sha256(text), STATEMENT_TIMEOUT)


def name(path: Path) -> str:
    """Its key in the ledger, such as sql/grants.sql."""
    return str(path.relative_to(resources.SCHEMA))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
