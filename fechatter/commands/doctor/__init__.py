"""`fechatter doctor`: one line for each check, and for each failure how to fix it.

A check is a function that returns one `Finding`. To add one, write it in the module of its subject and add it to the
table of what it needs: the settings only, a database, or a database with our schema.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg

from chat_core.database.pool import Connection
from chat_core.settings import Settings, SettingsError, config_file, require
from fechatter.commands.doctor import (
    boards,
    clerk,
    database,
    directories,
    documents,
    grants,
    installation,
    mail,
    pages,
    providers,
    schema,
    scim,
    standby,
    storage,
)
from fechatter.commands.doctor.finding import Finding
from fechatter.commands.up import SECRETS
from fechatter.errors import CommandError

OF_INSTALLATION: tuple[Callable[[Settings], Awaitable[Finding]], ...] = (
    installation.disk_has_room,
    installation.account,
    installation.previews,
    installation.scanner,
    installation.keys_fit,
    installation.ports_differ,
    installation.chat_server,
    installation.notify_server,
    installation.delivery_server,
    installation.relay,
    pages.may_connect,
    mail.can_be_sent,
)
OF_DATABASE: tuple[Callable[[Connection, Settings], Awaitable[Finding]], ...] = (
    database.sessions_stay,
    database.encoding_is_utf8,
    database.extensions_are_there,
    database.writes_succeed,
    database.connections_fit,
    database.clocks_agree,
)
# Run only if every migration has been applied: without the tables each of these would fail for that reason.
OF_SCHEMA: tuple[Callable[[Connection, Settings], Awaitable[Finding]], ...] = (
    schema.triggers_fire,
    grants.grants_can_be_given,
    documents.snapshots_keep_up,
    database.letters_are_known,
    database.strangers_kept_out,
    standby.answers,
)


async def doctor(read_settings: Callable[[], Settings], *, of_boards: bool = False) -> int:
    """Prints every finding as it comes; `of_boards`: only those about the content of boards. Returns the exit
    status, 1 if any check failed."""
    failed = 0
    async for finding in _findings(read_settings, _of_boards if of_boards else _of_system):
        failed += finding.problem is not None
        state = "failed" if finding.problem else "ok"
        print(f"{state:7} {finding.check:11} {finding.problem or finding.detail}", flush=True)
    return 1 if failed else 0


async def _findings(
    read_settings: Callable[[], Settings], look: Callable[[Settings], AsyncIterator[Finding]]
) -> AsyncIterator[Finding]:
    try:
        settings = read_settings()
        if settings.mode == "production":
            require(settings, SECRETS, "production mode")
    except SettingsError as error:
        yield Finding("config", "", str(error))
        return
    yield Finding("config", str(config_file() or "no file, all defaults"))
    async for finding in look(settings):
        yield finding


async def _of_system(settings: Settings) -> AsyncIterator[Finding]:
    async for finding in _if_reachable(_of_database(settings)):
        yield finding
    for check in OF_INSTALLATION:
        yield await check(settings)
    async for finding in storage.stores_hold(settings):
        yield finding
    async for finding in providers.usable(settings):
        yield finding
    async for finding in clerk.usable(settings):
        yield finding
    async for finding in directories.answer(settings):
        yield finding
    for finding in scim.servable(settings):
        yield finding


async def _of_boards(settings: Settings) -> AsyncIterator[Finding]:
    async for finding in _if_reachable(_of_contents(settings)):
        yield finding


async def _if_reachable(findings: AsyncIterator[Finding]) -> AsyncIterator[Finding]:
    try:
        async for finding in findings:
            yield finding
    except (CommandError, asyncpg.PostgresError, OSError) as error:
        yield Finding("database", "", str(error))


async def _of_database(settings: Settings) -> AsyncIterator[Finding]:
    async with database.connected(settings) as connection:
        yield Finding("database", f"PostgreSQL {connection.get_settings().server_version}")
        for check in OF_DATABASE:
            yield await check(connection, settings)
        migrations = await schema.migrations_applied(connection)
        yield migrations
        for check in OF_SCHEMA if migrations.problem is None else ():
            yield await check(connection, settings)


async def _of_contents(settings: Settings) -> AsyncIterator[Finding]:
    async with database.connected(settings) as connection:
        migrations = await schema.migrations_applied(connection)
        yield migrations
        if migrations.problem is None:
            async for finding in boards.boards_are_sound(connection):
                yield finding
