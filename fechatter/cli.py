"""The `fechatter` command line: its commands and their options. descriptions.py says what they do; commands/ runs
them."""

import argparse
import gc
import importlib.metadata
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fechatter import descriptions
from fechatter.archives.formats import NAMES as ARCHIVES
from fechatter.archives.formats import OPTIONS as ARCHIVE_OPTIONS
from fechatter.processes import servers

Commands = Any  # argparse has no public name for what add_subparsers returns


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status. 1: a run-time error; 2: an error in the configuration or the command line."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    # Imports dominate the start-up time. They leave no garbage, so collecting it would be wasted. structlog would
    # import rich, if some other package has installed it, for tracebacks that ours prints plain: a tenth of the time.
    gc.disable()
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
    try:
        from fechatter import commands  # after parsing, so that --help and wrong options respond immediately

        return commands.run(arguments)
    except KeyboardInterrupt:
        return 130


def parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="fechatter", description=descriptions.TOP)
    parser.add_argument("--version", action="version", version=f"fechatter {importlib.metadata.version('fechatter')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    for add in (
        _add_up,
        _add_migrate,
        _add_psql,
        _add_backup,
        _add_restore,
        _add_tail,
        _add_doctor,
        _add_search,
        _add_storage,
        _add_clerk,
        _add_ldap,
        _add_directory,
        _add_export,
        _add_import,
        _add_delete,
        _add_keys,
        _add_servers,
    ):
        add(commands)
    arguments, rest = parser.parse_known_args(argv)
    arguments.rest = rest
    if rest and arguments.command != "psql":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    if problem := arguments.problem(arguments):
        parser.error(problem)
    return arguments


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)


def _add_up(commands: Commands) -> None:
    command = _add(commands, "up", "start everything on this machine", descriptions.UP, descriptions.UP_EXAMPLES)
    command.add_argument("--host", help="address that the servers listen on (default: 127.0.0.1)")
    command.add_argument("--port", type=_port, help="port of chat-server (default: 6688; 0: any free one)")
    command.add_argument(
        "--notify-port", type=_port, metavar="PORT", help="port of notify-server (default: 6687; 0: any free one)"
    )
    command.add_argument(
        "--delivery-port", type=_port, metavar="PORT", help="port of delivery-server (default: 6686; 0: any free one)"
    )
    _add_database(command)


def _add_migrate(commands: Commands) -> None:
    command = _add(commands, "migrate", "migrate the schema up or down, or check it", descriptions.MIGRATE, "")
    command.add_argument("action", choices=["up", "down", "status", "verify", "roles"])
    command.add_argument("--steps", type=_positive, default=1, help="down: how many migrations (default: 1)")
    _add_database(command)


def _add_psql(commands: Commands) -> None:
    command = _add(commands, "psql", "open psql on the database in use", descriptions.PSQL, descriptions.PSQL_EXAMPLES)
    _add_database(command)
    command.usage = "fechatter psql [-h] [--data-dir DIR] [--database-url URL] [arguments for psql ...]"


def _add_backup(commands: Commands) -> None:
    command = _add(commands, "backup", "write the database to a file", descriptions.BACKUP, "")
    command.add_argument("file", type=Path, metavar="FILE", help="a file that does not exist yet, such as chat.dump")
    _add_database(command)


def _add_restore(commands: Commands) -> None:
    command = _add(commands, "restore", "replace the database by a backup", descriptions.RESTORE, "")
    command.add_argument("file", type=Path, metavar="FILE", help="a file written by `fechatter backup`")
    _add_database(command)


def _add_tail(commands: Commands) -> None:
    command = _add(
        commands, "tail", "print the live events of an account", descriptions.TAIL, descriptions.TAIL_EXAMPLES
    )
    command.add_argument("--chat", metavar="URL", help="address of chat-server (default: from app.yaml)")
    command.add_argument("--notify", metavar="URL", help="address of notify-server (default: from app.yaml)")
    command.add_argument("--email", required=True)
    command.add_argument("--password-stdin", action="store_true", help="read the password from the first line of stdin")


def _add_doctor(commands: Commands) -> None:
    command = _add(commands, "doctor", "check the installation, and say how to fix it", descriptions.DOCTOR, "")
    _add_database(command)
    command.add_argument("--boards", action="store_true", help="check boards and versions for damage instead")


def _add_search(commands: Commands) -> None:
    command = _add(commands, "search", "build the index of messages anew", descriptions.SEARCH, "")
    command.add_argument("action", choices=["rebuild"])
    _add_database(command)


def _add_storage(commands: Commands) -> None:
    command = _add(
        commands, "storage", "check the bytes of all files, or move them to another store", descriptions.STORAGE, ""
    )
    command.add_argument("action", choices=["check", "move"])
    command.add_argument("--to", choices=["directory", "s3"], help="move: the store in which all of them will be")
    command.add_argument("--decrypt", action="store_true", help="move: do not encrypt them, though there is a key")
    _add_database(command)
    command.set_defaults(problem=_problem_of_storage)


def _problem_of_storage(arguments: argparse.Namespace) -> str | None:
    if (arguments.action == "move") != (arguments.to is not None):
        return "storage move needs --to, and storage check takes no options"
    return None


def _add_clerk(commands: Commands) -> None:
    command = _add(commands, "clerk", "apply what Clerk's webhooks have not said", descriptions.CLERK, "")
    command.add_argument("action", choices=["reconcile"])
    command.add_argument("--force", action="store_true", help="even if more than a tenth would lose something")
    _add_database(command)


def _add_ldap(commands: Commands) -> None:
    command = _add(commands, "ldap", "synchronise accounts with a directory", descriptions.LDAP, "")
    command.add_argument("action", choices=["sync"])
    command.add_argument("directory", metavar="NAME", help="its name in auth.ldap")
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    command.add_argument("--force", action="store_true", help="let leave as many as have left there")
    _add_database(command)


def _add_directory(commands: Commands) -> None:
    command = _add(
        commands, "directory", "import the directory of an organisation from a CSV file", descriptions.DIRECTORY, ""
    )
    command.add_argument("action", choices=["import"])
    command.add_argument("file", type=Path, metavar="FILE.csv", help="UTF-8, with a header")
    command.add_argument("--organization", type=int, required=True, metavar="ID", help="its id")
    command.add_argument("--source", default="csv", metavar="NAME", help="under which name it is kept (csv)")
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    command.add_argument("--force", action="store_true", help="take away as many as the file says no more")
    _add_database(command)


def _add_export(commands: Commands) -> None:
    command = _add(
        commands, "export", "verify an export of a case; export a person or a workspace", descriptions.EXPORT, ""
    )
    command.add_argument("action", choices=["verify", "person", "workspace"])
    command.add_argument("file", type=Path, metavar="FILE|NAME", help="such as case-1.jsonl; workspace: its name or id")
    command.add_argument("--output", type=Path, metavar="FILE", help="workspace: the zip to write")
    command.add_argument(
        "--format", choices=["fechatter", "slack"], default="fechatter", help="workspace: our own, or Slack's shape"
    )
    command.add_argument("--private", action="store_true", help="workspace: private chats too, if it may")
    command.add_argument("--who", help="person: an e-mail address, @username or id")
    _add_database(command)
    command.set_defaults(problem=_problem_of_export)


def _problem_of_export(arguments: argparse.Namespace) -> str | None:
    if (arguments.action == "person") != (arguments.who is not None):
        return "export person needs --who, and export verify takes no --who"
    if (arguments.action == "workspace") != (arguments.output is not None):
        return "export workspace needs --output, and the others take none"
    return None


def _add_import(commands: Commands) -> None:
    command = _add(commands, "import", "load a workspace from an archive", descriptions.IMPORT, "")
    command.add_argument("format", choices=ARCHIVES, help="what has written the file")
    command.add_argument("file", type=Path, metavar="FILE", help="a zip, a tar or a folder")
    command.add_argument("--workspace", metavar="NAME", help="the name or id of one that is there, to import into")
    command.add_argument("--owner", metavar="WHO", help="the owner of a new workspace: an address, @username or id")
    command.add_argument(
        "--match",
        choices=["members", "verified", "none"],
        help="whose verified address makes them a person of the archive (members of --workspace; else: verified)",
    )
    command.add_argument("--team", metavar="NAME", help="mattermost: which of its teams, if it has several")
    command.add_argument(
        "--public", action="store_true", help="discord: let everybody join its channels; without it they are private"
    )
    command.add_argument(
        "--add-people",
        action="store_true",
        help="let people of the archive into chats that are here and are not public, with their history",
    )
    command.add_argument("--activate", action="store_true", help="let new accounts sign in, as the archive says")
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    _add_database(command)
    command.set_defaults(problem=_problem_of_import)


def _problem_of_import(arguments: argparse.Namespace) -> str | None:
    for option, of in ARCHIVE_OPTIONS.items():
        if getattr(arguments, option) and arguments.format != of:
            return f"--{option} is an option of import {of}"
    return None


def _add_delete(commands: Commands) -> None:
    command = _add(commands, "delete", "delete a person", descriptions.DELETE, "")
    command.add_argument("what", choices=["person"])
    command.add_argument("--who", required=True, help="an e-mail address, @username or id")
    command.add_argument(
        "--dry-run", action="store_true", help="say what would go and what would stay, and change nothing"
    )
    _add_database(command)


def _add_keys(commands: Commands) -> None:
    command = _add(commands, "keys", "show or rotate the keys of access tokens", descriptions.KEYS, "")
    command.add_argument("action", choices=["show", "rotate"])
    command.add_argument("--revoke", action="store_true", help="rotate: make tokens of all former keys invalid")
    _add_data_dir(command)


def _add_servers(commands: Commands) -> None:
    for name, needs in servers.NEEDS.items():
        text = descriptions.SERVER.format(name=name, needs=" and ".join(needs), section=servers.SECTIONS[name])
        command = _add(commands, name, f"run {name} alone, for production", text, "")
        command.add_argument("--host", help="address to listen on")
        command.add_argument("--port", type=_positive, help="port to listen on")
        # For the supervisor: the worker's number, where it reports that it listens, and where it waits, with its code
        # imported, until it may start.
        command.add_argument("--worker", type=_positive, help=argparse.SUPPRESS)
        command.add_argument("--ready-fd", type=_positive, help=argparse.SUPPRESS)
        command.add_argument("--start-fd", type=_positive, help=argparse.SUPPRESS)


def _add(commands: Commands, name: str, summary: str, description: str, examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=description, epilog=examples)
    # `problem` says what is wrong with options that do not belong together.
    parser.set_defaults(command=name, problem=lambda _: None)
    return parser


def _add_data_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="where the embedded PostgreSQL, generated keys and files live (default: .fechatter)",
    )


def _add_database(parser: argparse.ArgumentParser) -> None:
    _add_data_dir(parser)
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="use this PostgreSQL; other users can see a command's arguments, so if the URL has a password, set "
        "FECHATTER_DATABASE__URL instead",
    )


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number from 0 to 65535, got {text!r}")


def _positive(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 65535, got {text!r}")
