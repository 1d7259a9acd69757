"""The commands, a module for each. This one runs the command that was given, and turns every expected error into one
sentence."""

import gc
import importlib
import sys
from argparse import Namespace as Arguments
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import anyio
import asyncpg
from pydantic import SecretStr, TypeAdapter, ValidationError

from chat_core.database.embedded_account import EmbeddedError
from chat_core.database.scripts import MigrationError
from chat_core.keys import KeyFileError
from chat_core.settings import DatabaseUrl, Settings, SettingsError, database_url, load_settings, require
from fechatter.errors import CommandError
from fechatter.processes import servers


def run(arguments: Arguments) -> int:
    """Returns the exit status."""
    if arguments.command not in servers.NEEDS:
        gc.enable()  # a server does that once it has imported all of itself
    try:
        return _COMMANDS[arguments.command](arguments)
    except SettingsError as error:
        return _fail(str(error), 2)
    except (CommandError, EmbeddedError, MigrationError) as error:
        return _fail(str(error), 1)


def _up(arguments: Arguments) -> int:
    from fechatter.commands import up

    anyio.run(up.up, settings(arguments), arguments.data_dir is None)
    return 0


def _migrate(arguments: Arguments) -> int:
    from fechatter.commands import migrate

    return anyio.run(migrate.migrate, settings(arguments), arguments.action, arguments.steps)


def _psql(arguments: Arguments) -> int:
    from fechatter.commands import psql

    return anyio.run(psql.psql, settings(arguments), arguments.rest)


def _backup_or_restore(arguments: Arguments) -> int:
    from fechatter.commands import backup

    does = backup.backup if arguments.command == "backup" else backup.restore
    anyio.run(does, settings(arguments), arguments.file)
    return 0


def _tail(arguments: Arguments) -> int:
    from fechatter.commands import tail

    configured, password = settings(arguments), tail.read_password(arguments.password_stdin)
    anyio.run(tail.tail, configured, arguments.chat, arguments.notify, arguments.email, password)
    return 0


def _search(arguments: Arguments) -> int:
    from fechatter.commands import search

    return anyio.run(search.rebuild, settings(arguments))


def _storage(arguments: Arguments) -> int:
    from fechatter.commands import storage

    if arguments.action == "check":
        return anyio.run(storage.check, settings(arguments))
    return anyio.run(storage.move, settings(arguments), arguments.to, arguments.decrypt)


def _clerk(arguments: Arguments) -> int:
    from fechatter.commands import clerk

    return anyio.run(partial(clerk.run, settings(arguments), force=arguments.force))


def _directory(arguments: Arguments) -> int:
    from fechatter.commands import directory

    return anyio.run(
        directory.import_file,
        settings(arguments),
        arguments.file,
        arguments.organization,
        arguments.source,
        arguments.dry_run,
        arguments.force,
    )


def _ldap(arguments: Arguments) -> int:
    from fechatter.commands import ldap

    return anyio.run(ldap.sync, settings(arguments), arguments.directory, arguments.dry_run, arguments.force)


def _delete(arguments: Arguments) -> int:
    from fechatter.commands import person

    anyio.run(partial(person.delete_person, settings(arguments), arguments.who, dry_run=arguments.dry_run))
    return 0


def _export(arguments: Arguments) -> int:
    match arguments.action:
        case "verify":
            from fechatter.commands import export

            export.verify_export(arguments.file)
        case "workspace":
            from fechatter.commands import archives

            anyio.run(archives.export_workspace, settings(arguments), arguments)
        case _:
            from fechatter.commands import person

            anyio.run(person.export_person, settings(arguments), arguments.who, arguments.file)
    return 0


def _import(arguments: Arguments) -> int:
    from fechatter.commands import archives

    return anyio.run(archives.import_archive, settings(arguments), arguments)


def _keys(arguments: Arguments) -> int:
    from fechatter.commands import keys

    return keys.run(settings(arguments), arguments.action, arguments.revoke)


def _doctor(arguments: Arguments) -> int:
    from fechatter.commands import doctor

    return anyio.run(partial(doctor.doctor, lambda: settings(arguments), of_boards=arguments.boards))


def _server(arguments: Arguments) -> int:
    return _serve(arguments.command, settings(arguments), arguments.worker, arguments.ready_fd, arguments.start_fd)


# Each imports its own part only: a server should neither wait for nor hold what tail and doctor need.
_COMMANDS: Final[Mapping[str, Callable[[Arguments], int]]] = {
    "up": _up,
    "migrate": _migrate,
    "psql": _psql,
    "backup": _backup_or_restore,
    "restore": _backup_or_restore,
    "tail": _tail,
    "search": _search,
    "storage": _storage,
    "clerk": _clerk,
    "directory": _directory,
    "ldap": _ldap,
    "delete": _delete,
    "export": _export,
    "import": _import,
    "keys": _keys,
    "doctor": _doctor,
    **dict.fromkeys(servers.NEEDS, _server),
}


def _serve(name: str, configured: Settings, worker: int | None, ready_fd: int | None, start_fd: int | None) -> int:
    """Runs one server: in this process, or as the parent of its workers."""
    require(configured, servers.NEEDS[name], name)
    if worker is None and getattr(configured, servers.SECTIONS[name]).workers > 1:
        from fechatter.processes import workers

        gc.enable()
        anyio.run(workers.serve, name, configured)
        return 0
    from chat_core.http import serving

    serving.supervise(worker, ready_fd, start_fd)
    server = importlib.import_module(f"{name.replace('-', '_')}.server")
    try:
        server.serve(configured, serving.wait_for_parent)
    except (asyncpg.UndefinedFunctionError, asyncpg.UndefinedTableError):
        return _fail(f"{name} cannot run: the database is not migrated; run `fechatter migrate up`", 1)
    except (OSError, asyncpg.PostgresError, KeyFileError) as error:
        return _fail(f"{name} cannot run: {' '.join(str(error).split()) or type(error).__name__}", 1)
    return 0


def settings(arguments: Arguments) -> Settings:
    """The settings, with the command line's values taking precedence."""
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    configured = load_settings()
    server: dict[str, Any] = {name: given[name] for name in ("host", "port") if name in given}
    notify: dict[str, Any] = {"host": given["host"]} if "host" in given else {}
    if "notify_port" in given:
        notify["port"] = given["notify_port"]
    delivery: dict[str, Any] = {"host": given["host"]} if "host" in given else {}
    if "delivery_port" in given:
        delivery["port"] = given["delivery_port"]
    if arguments.command == "notify-server":
        server, notify = {}, server
    if arguments.command == "delivery-server":
        server, notify, delivery = {}, {}, server
    database = {"url": _database_url(given["database_url"])} if "database_url" in given else {}
    return configured.model_copy(
        update={
            "data_dir": given.get("data_dir", configured.data_dir),
            "server": configured.server.model_copy(update=server),
            "notify": configured.notify.model_copy(update=notify),
            "delivery": configured.delivery.model_copy(update=delivery),
            "database": configured.database.model_copy(update=database),
        }
    )


def _database_url(text: str) -> SecretStr:
    try:
        return TypeAdapter(DatabaseUrl).validate_python(text)
    except ValidationError:
        raise SettingsError(f"--database-url: expected {database_url.EXPECTED}") from None


def _fail(sentence: str, status: int) -> int:
    print(f"fechatter: {sentence}", file=sys.stderr)
    return status
