"""`fechatter import`: a workspace from an archive. `fechatter export workspace`: to one."""

import argparse
import zipfile
from typing import Final

import asyncpg

from chat_core.settings import Settings
from chat_core.storage import StoreUnavailable, open_storage
from fechatter import database
from fechatter.archives.exporting import EXPORT_BEGIN, write_archive
from fechatter.archives.formats import opened
from fechatter.archives.loading import Choices, Stopped, load, named_workspace
from fechatter.archives.slack_export import write_slack
from fechatter.archives.source import BadArchive, open_source
from fechatter.commands.person import whole_file
from fechatter.errors import CommandError
from fechatter.progress import say

WRITERS: Final = {"fechatter": write_archive, "slack": write_slack}


async def import_archive(settings: Settings, arguments: argparse.Namespace) -> int:
    """Prints what was done and what had no place. Raises CommandError if the archive cannot be imported."""
    choices = Choices(
        arguments.workspace,
        arguments.owner,
        arguments.match,
        activate=arguments.activate,
        adds_people=arguments.add_people,
        dry_run=arguments.dry_run,
    )
    blobs, _ = open_storage(settings)
    try:
        with open_source(arguments.file) as file:
            source, records = opened(arguments.format, file, vars(arguments))
            async with database.in_use(settings, say) as url:
                connection = await database.connect(url)
                try:
                    report = await load(connection, settings, blobs, source, records, choices)
                finally:
                    await connection.close()
    except BadArchive as error:
        raise CommandError(f"nothing is imported: {error}") from None
    except Stopped as error:
        raise CommandError(str(error)) from None
    except StoreUnavailable as error:
        raise CommandError(
            f"the store of files cannot be written, so repeat it: what is imported stays: {error}"
        ) from None
    except asyncpg.PostgresError as error:
        raise CommandError(f"it stopped, so repeat it: what is imported stays: {error}") from None
    for line in report.lines():
        print(line)
    if choices.dry_run:
        print("nothing is changed: this was a dry run")
    return 0


async def export_workspace(settings: Settings, arguments: argparse.Namespace) -> None:
    """Writes the archive, which must not exist, readable by its owner only. Raises CommandError otherwise."""
    blobs, _ = open_storage(settings)
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            workspace = await named_workspace(connection, str(arguments.file))
            await EXPORT_BEGIN.value(
                connection, workspace=workspace, private=arguments.private, format=arguments.format
            )
            with whole_file(arguments.output) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                report = await WRITERS[arguments.format](
                    connection, blobs, archive, workspace, private=arguments.private
                )
        except Stopped as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{arguments.output} cannot be written: {error.strerror}") from None
        except StoreUnavailable as error:
            raise CommandError(f"the store of files cannot be read: {error}") from None
        except asyncpg.PostgresError as error:
            raise CommandError(_refusal(error) or str(error)) from None
        finally:
            await connection.close()
    for line in report.lines():
        print(line)


def _refusal(error: asyncpg.PostgresError) -> str | None:
    if getattr(error, "constraint_name", None) != "private_chats_are_exported":
        return None
    return f"{error}: an operator allows it by ops.let_export_cases(…), or leave out --private"
