"""Synchronises accounts with a directory: names, addresses, groups, and who has left. By itself every `sync_seconds`,
and by `fechatter ldap sync`."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

import structlog

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_server.identity.ldap.directories import Directories
from chat_server.identity.ldap.entries import DirectoryPerson, DirectoryUnavailable
from chat_server.parts.metrics import Metrics
from chat_server.sign_in import profiles
from chat_server.sign_in.people import Profile

if TYPE_CHECKING:  # it imports python-ldap
    from chat_server.identity.ldap.directory import Directory, Everybody

DIRECTORY_SYNC = query(
    "directory_sync",
    "source",
    "subjects",
    "fullnames",
    "emails",
    "are_active",
    "grant_subjects",
    "grant_workspaces",
    "read_at",
    "forced",
    "group_subjects",
    "groups",
    "department_subjects",
    "departments",
    "named_groups",
    "named_departments",
)
DIRECTORY_SYNCHRONISED = query("directory_synchronised", "source", "seconds")
DATABASE_TIME = query("database_time")

# Between two looks whether a directory's time has come; servers do not all look at the same moment.
LOOK_SECONDS = 30.0
# After a failure, if `sync_seconds` is more.
RETRY_SECONDS = 300.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a synchronisation has done, or would do. `outcome` is `done`; `stopped`, since too many would leave; or
    `empty`, since nobody was found. `had` is the number of people with an account before, those suspended by it aside.
    `groups_unknown` says why groups were left as they are; the addresses are those of the first hundred."""

    outcome: str
    found: int
    had: int
    leaving: int
    returning: int
    changed: int
    granted: int
    withdrawn: int
    grants_stopped: bool
    groups_unknown: str | None
    leaving_emails: list[str]
    returning_emails: list[str]


async def synchronise(
    connection: Connection,
    directory: "Directory",
    everybody: "Everybody",
    *,
    read_at: datetime,
    forced: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """With whom the directory has now. `read_at` is the database's time before they were read (DATABASE_TIME): the list
    may lack whoever has signed in since. `dry_run` changes nothing; `forced` lets as many leave as would."""
    described = [_described(directory, person) for person in everybody.people.values()]
    grant_subjects, grant_workspaces = _meant(everybody, directory.settings.workspaces)
    group_subjects, groups = _meant(everybody, directory.settings.organization_groups)
    department_subjects, departments = _meant(everybody, directory.settings.departments)
    transaction = connection.transaction()
    await transaction.start()
    try:
        row = await DIRECTORY_SYNC.one(
            connection,
            source=directory.name,
            subjects=[each.subject for each in described],
            fullnames=[each.fullname for each in described],
            emails=[each.email if each.email_verified else None for each in described],
            are_active=[not person.is_disabled for person in everybody.people.values()],
            grant_subjects=grant_subjects,
            grant_workspaces=grant_workspaces,
            read_at=read_at,
            forced=forced,
            group_subjects=group_subjects,
            groups=groups,
            department_subjects=department_subjects,
            departments=departments,
            named_groups=list(directory.settings.organization_groups.values()),
            named_departments=list(directory.settings.departments.values()),
        )
    except BaseException:
        await transaction.rollback()
        raise
    await (transaction.rollback() if dry_run else transaction.commit())
    return Outcome(
        row["outcome"],
        len(described),
        row["had"],
        row["leaving"],
        row["returning"],
        row["changed"] or 0,
        row["granted"] or 0,
        row["withdrawn"] or 0,
        bool(row["grants_stopped"]),
        everybody.unknown,
        row["leaving_emails"],
        row["returning_emails"],
    )


def _meant(everybody: "Everybody", named: Mapping[str, int]) -> tuple[list[str], list[int]] | tuple[None, None]:
    """Who is in the groups that stand for these, as two lists in step; None if nobody knows who is in which group."""
    if everybody.groups is None:
        return None, None
    pairs = [
        (subject, named[group])
        for subject, names in everybody.groups.items()
        for group in sorted(names)
        if group in named
    ]
    return [subject for subject, _ in pairs], [meant for _, meant in pairs]


def _described(directory: "Directory", person: DirectoryPerson) -> Profile:
    """Whom `allowed_domains` does not admit cannot sign in, but has not left."""
    return profiles.of_directory(directory.name, directory.settings.model_copy(update={"allowed_domains": []}), person)


async def keep_synchronised(pool: Pool, directories: Directories, metrics: Metrics) -> None:
    """Runs until cancelled. A failure, such as a directory that does not answer, is logged and tried again."""
    now = asyncio.get_running_loop().time
    due = {each: now() for each in directories.all() if each.settings.sync_seconds}
    while due:
        await asyncio.sleep(LOOK_SECONDS * random.uniform(0.5, 1.5))
        for directory in [each for each, at in due.items() if at <= now()]:
            outcome = await _synchronised(pool, directory)
            seconds = directory.settings.sync_seconds
            due[directory] = now() + (min(seconds, RETRY_SECONDS) if outcome in ("unavailable", "failed") else seconds)
            if outcome is not None:
                metrics.directory_syncs.labels(directory.name, outcome).inc()


async def _synchronised(pool: Pool, directory: "Directory") -> str | None:
    """How it has gone; None if another server has just done it."""
    seconds = directory.settings.sync_seconds
    try:
        if await DIRECTORY_SYNCHRONISED.value(pool, source=directory.name, seconds=seconds):
            return None
        read_at: datetime = await DATABASE_TIME.value(pool)
        everybody = await directory.everybody()
        async with pool.acquire() as connection:
            outcome = await synchronise(cast("Connection", connection), directory, everybody, read_at=read_at)
    except DirectoryUnavailable as error:
        _log.warning("directory unavailable", directory=directory.name, reason=str(error))
        return "unavailable"
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        _log.warning("directory sync failed", directory=directory.name, error=said)
        return "failed"
    say = _log.info if outcome.outcome == "done" and outcome.groups_unknown is None else _log.warning
    counts = {field: getattr(outcome, field) for field in ("found", "had", "leaving", "returning", "changed")}
    groups = outcome.groups_unknown
    say("directory synchronised", directory=directory.name, outcome=outcome.outcome, groups=groups, **counts)
    if outcome.outcome == "stopped" or outcome.grants_stopped:
        _log.warning(
            "directory sync stopped",
            directory=directory.name,
            what="people" if outcome.outcome == "stopped" else "memberships",
            do=f"fechatter doctor says why; SELECT ops.let_go('{directory.name}') lets the next one through",
        )
    return outcome.outcome
