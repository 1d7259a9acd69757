"""`fechatter export person`: all that is stored of one person, as a zip, for whoever has the right to have it.

chat_server/compliance/person_export.py says what is in it. `fechatter delete person` says what goes and what stays, and
deletes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import asyncpg

from chat_core.settings import Settings
from chat_core.storage import StoreUnavailable, open_storage
from chat_server.background.deletions import DELETION_PREVIEW, DELETION_STATE, PERSON_DELETE, erase_person
from chat_server.compliance.person_export import write_person
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say


async def export_person(settings: Settings, who: str, file: Path) -> None:
    """Writes `file`, which must not exist, readable by its owner only. Raises CommandError otherwise."""
    blobs, _ = open_storage(settings)
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            person = await connection.fetchval("SELECT ops.find_user($1)", who)
            with whole_file(file) as opened:
                await write_person(connection, blobs, opened, person)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from None
        except asyncpg.NoDataFoundError as error:
            raise CommandError(str(error)) from None
        except StoreUnavailable as error:
            raise CommandError(f"the store of files cannot be read: {error}") from None
        finally:
            await connection.close()


@contextmanager
def whole_file(file: Path) -> Iterator[IO[bytes]]:
    """The file, under another name until it is whole."""
    if file.exists():
        raise CommandError(f"{file} already exists: choose another file")
    part = file.with_name(f"{file.name}.part")
    try:
        part.touch(0o600)
        with part.open("wb") as opened:
            yield opened
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    print(f"{file}: {file.stat().st_size} bytes")


async def delete_person(settings: Settings, who: str, *, dry_run: bool) -> None:
    """Prints what goes and what stays, and why; deletes the person unless it is a dry run. Raises CommandError if there
    is no such person, or something is in the way."""
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            person = await connection.fetchval("SELECT ops.find_user($1)", who)
            for row in await DELETION_PREVIEW.rows(connection, person=person):
                print(f"{row['happens']:<12}{row['amount']:>8}  {row['what']}{': ' * bool(row['why'])}{row['why']}")
            if dry_run:
                print("nothing has been changed: it was a dry run")
                return
            await PERSON_DELETE.row(connection, person=person, organization=None)
            await erase_person(connection, person)
            finished = await DELETION_STATE.value(connection, person=person)
        except (asyncpg.NoDataFoundError, asyncpg.UnknownPostgresError) as error:
            raise CommandError(str(error)) from None
        finally:
            await connection.close()
    if finished is None:
        raise CommandError(f"user {person} is a bot: its owner deletes it")
    print("deleted" if finished else "deleted, but for what holds keep: that goes when they end")
    print("files: their bytes go with the next clean-up of a running chat-server")
