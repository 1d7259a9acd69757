"""`fechatter backup` and `fechatter restore`: the database in use as one file, and back.

A backup is a pg_dump of one snapshot, so the log is part of it and nothing has to stop for it. It is read back
completely before it gets its name. A restore goes into a new database next to the one in use, which is renamed at the
end and kept: until then nothing has changed, and afterwards nothing is lost.
"""

import hashlib
import os
import subprocess
import time
import urllib.parse
from pathlib import Path

import asyncpg

from chat_core.database import migrations
from chat_core.database.embedded_account import wheel_programs
from chat_core.database.pool import Connection
from chat_core.process.patience import still
from chat_core.settings import Settings, database_url
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say

_SERVERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name ~ '^fechatter (chat|notify|search)'
"""

_LETTERS = "SELECT datctype FROM pg_database WHERE datname = current_database()"


async def backup(settings: Settings, file: Path) -> None:
    """Writes `file`, which must not exist, readable by its owner only. Raises CommandError otherwise."""
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            if pending := [entry for entry in await migrations.status(connection) if entry.state == "pending"]:
                raise CommandError(
                    f"{pending[0].name} has not been applied: run `fechatter migrate up` before a backup"
                )
        finally:
            await connection.close()
        _write(url, file)


def _write(url: str, file: Path) -> None:
    """Under another name until it has been read back."""
    if file.exists():
        raise CommandError(f"{file} already exists: choose another file")
    part = file.with_name(f"{file.name}.part")
    try:
        part.touch(0o600)
        with still(say, "backing up"):
            _run("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={part}", url=url)
        with still(say, "reading the file back"):
            tables, digest = _verify(part), _sha256(part)
        part.rename(file)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    print(f"{file}: {tables} tables, {file.stat().st_size} bytes, sha256 {digest}")


async def restore(settings: Settings, file: Path) -> None:
    """Replaces the database in use by the content of `file`. Raises CommandError, with nothing changed, if that
    fails."""
    with still(say, "reading the backup"):
        _verify(file)
    async with database.in_use(settings, say, make=True) as url:
        connection = await database.connect(url)
        name = await connection.fetchval("SELECT current_database()")
        servers = await connection.fetchval(_SERVERS)
        # In the LC_CTYPE of earlier versions' clusters pg_trgm knows no letters beyond ASCII.
        letters = "LC_CTYPE 'C.UTF-8'" if await connection.fetchval(_LETTERS) in ("C", "POSIX") else ""
        await connection.close()
        if servers:
            raise CommandError(
                f"servers are connected to the database {name}: stop them first, including `fechatter up`"
            )
        stamp = time.strftime("%Y%m%d_%H%M%S", time.gmtime())
        new, kept = f"{name}_new_{stamp}", f"{name}_before_{stamp}"
        beside = await database.connect(_of(url, "postgres"))
        try:
            await beside.execute(f"CREATE DATABASE {_quoted(new)} ENCODING 'UTF8' {letters} TEMPLATE template0")
            try:
                await _fill(file, _of(url, new))
                async with beside.transaction():
                    await beside.execute(f"ALTER DATABASE {_quoted(name)} RENAME TO {_quoted(kept)}")
                    await beside.execute(f"ALTER DATABASE {_quoted(new)} RENAME TO {_quoted(name)}")
            except BaseException:
                await beside.execute(f"DROP DATABASE IF EXISTS {_quoted(new)} WITH (FORCE)")
                raise
        except asyncpg.PostgresError as error:
            raise CommandError(f"the restore failed, and nothing was changed: {error}") from None
        finally:
            await beside.close()
    print(
        f"restored {file}; the old database is kept as {kept}: DROP DATABASE {_quoted(kept)} when you no longer need it"
    )


async def _fill(file: Path, url: str) -> None:
    """The backup's content, with the schema of this version and a new epoch of the log."""
    with still(say, "restoring"):
        _run("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", str(file), url=url)
    say("migrating it to the schema of this version")
    await database.migrate(url, say)
    connection: Connection = await database.connect(url)
    try:
        epoch = await connection.fetchval("SELECT log_move_epoch()")
    finally:
        await connection.close()
    say(f"the new epoch is {epoch}: every client starts from a fresh snapshot")


def _verify(file: Path) -> int:
    """Reads a backup completely, as a restore would. Returns the number of its tables with data."""
    if not file.is_file():
        raise CommandError(f"there is no file {file}")
    listed = _run("pg_restore", "--list", str(file)).splitlines()
    tables = sum(" TABLE DATA " in line for line in listed)
    if not any("TABLE DATA public schema_migrations" in line for line in listed):
        raise CommandError(f"{file} is not a backup of Fechatter")
    _run("pg_restore", f"--file={os.devnull}", str(file))
    return tables


def _run(program: str, *arguments: str, url: str | None = None) -> str:
    """The output of a program of PostgreSQL. Raises CommandError if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    place: list[str] = []
    if url is not None:
        bare, password = database_url.without_secret(url)
        place = [f"--dbname={bare}"]
        if password is not None:
            environment["PGPASSWORD"] = password
    done = subprocess.run(
        [wheel_programs() / program, *place, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**environment, "LC_ALL": "C"},
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it printed nothing"]
        raise CommandError(f"{program} failed: {said[0].removeprefix(f'{program}: ')}")
    return done.stdout


def _of(url: str, name: str) -> str:
    """Another database of the same PostgreSQL."""
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(url)._replace(path=f"/{urllib.parse.quote(name, safe='')}"))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
