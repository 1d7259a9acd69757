"""`fechatter directory import`: people, departments, positions and managers of an organisation from a CSV file."""

from pathlib import Path

import asyncpg

from chat_core.database.queries import query
from chat_core.process.patience import still
from chat_core.settings import LISTS, Settings, check_source
from chat_server.provisioning.lists import MOST_BAD, Listed, Unreadable, brought, read
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say

DIRECTORY_IMPORT = query("directory_import", "organization", "source", "rows", "parts", "forced")
FEATURE_ON = query("organization_feature_on", "organization", "name")


async def import_file(settings: Settings, file: Path, organization: int, source: str, dry: bool, forced: bool) -> int:
    """Prints what it has done, or with `dry` would do, and returns the exit status: 1 if it stopped."""
    _check_source(settings, source)
    listed = _read(file)
    if listed.bad:
        more = ["and more"] if len(listed.bad) > MOST_BAD else []
        raise CommandError("\n".join(["nothing is changed:", *listed.bad[:MOST_BAD], *more]))
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            if not await FEATURE_ON.value(connection, organization=organization, name="enable_organizations"):
                raise CommandError(f"there is no organisation {organization}, or enable_organizations is off for it")
            with still(say, f"comparing {len(listed.rows):,} rows with the directory"):
                acts = await brought(
                    connection, DIRECTORY_IMPORT, listed, dry, organization=organization, source=source, forced=forced
                )
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


def _check_source(settings: Settings, source: str) -> None:
    """A list under the name of something else would undo what that says, and the other way round."""
    if source == LISTS:
        return
    try:
        check_source(source)
    except ValueError as error:
        raise CommandError(f"--source {source}: {error}") from None
    if source in (*settings.auth.way_in_names(), *settings.auth.scim):
        raise CommandError(f"--source {source}: a way in has this name in the settings: expected another")


def _read(file: Path) -> Listed:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return read(opened, str(file))
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8") from None
    except Unreadable as error:
        raise CommandError(str(error)) from None
