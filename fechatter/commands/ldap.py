"""`fechatter ldap sync`: synchronises accounts with a directory now."""

from chat_core.process.patience import still
from chat_core.settings import Settings
from chat_server.identity.ldap.directories import Directories
from chat_server.identity.ldap.entries import DirectoryUnavailable
from chat_server.provisioning.directory_sync import DATABASE_TIME, Outcome, synchronise
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say


async def sync(settings: Settings, name: str, dry_run: bool, forced: bool) -> int:
    """Prints what it has done, or with `dry_run` would do, and returns the exit status: 1 if it stopped."""
    if name not in settings.auth.ldap:
        known = ", ".join(settings.auth.ldap) or "none"
        raise CommandError(f"auth.ldap has no directory {name}; it has: {known}")
    directories = Directories(settings)
    directory = directories.named(name)
    try:
        async with database.in_use(settings, say) as url:
            connection = await database.connect(url)
            try:
                read_at = await DATABASE_TIME.value(connection)
                with still(say, f"reading the directory {name}"):
                    everybody = await directory.everybody()
                with still(say, f"comparing {len(everybody.people):,} people"):
                    outcome = await synchronise(
                        connection, directory, everybody, read_at=read_at, forced=forced, dry_run=dry_run
                    )
            finally:
                await connection.close()
    except DirectoryUnavailable as error:
        raise CommandError(f"auth.ldap.{name}: {error}") from None
    finally:
        directories.close()
    for line in _lines(outcome, dry_run):
        print(line)
    return 0 if outcome.outcome == "done" and not outcome.grants_stopped and outcome.groups_unknown is None else 1


def _lines(outcome: Outcome, dry_run: bool) -> list[str]:
    would = "would be " if dry_run or outcome.outcome != "done" else ""
    lines = [
        f"{outcome.found} people found, {outcome.had} of those with an account here have it in use",
        f"{outcome.leaving} {would}suspended, since they are gone or disabled there",
        *(f"  {email}" for email in outcome.leaving_emails),
        f"{outcome.returning} {would}reinstated",
        *(f"  {email}" for email in outcome.returning_emails),
    ]
    match outcome.outcome:
        case "empty":
            return ["stopped: the search has found nobody, which is a mistake in the settings or of the directory"]
        case "stopped":
            return [*lines, "stopped: too many would leave; if that is right, repeat it with --force"]
    lines.append(f"{outcome.changed} names or addresses {would}changed")
    lines.append(f"{outcome.granted} memberships {would}granted, {outcome.withdrawn} {would}withdrawn")
    if outcome.groups_unknown is not None:
        lines.append(f"memberships are left as they are: {outcome.groups_unknown}")
    elif outcome.grants_stopped:
        lines.append("memberships are left as they are: too many would go; if that is right, repeat it with --force")
    return lines
