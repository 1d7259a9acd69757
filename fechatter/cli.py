"""The `fechatter` command line: its commands and their `--help`. commands/ runs them."""

import argparse
import gc
import importlib.metadata
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fechatter.processes import servers

TOP = """\
Team chat whose event bus is Postgres itself. One command starts everything:

  fechatter up                      PostgreSQL, the schema, the servers; Ctrl-C stops it all
  fechatter tail --email me@x.org   watch the live events of an account
  fechatter psql                    open the database; a row inserted there becomes a live event
  fechatter doctor                  check the installation, and say how to fix it

Settings come from app.yaml ($CHAT_CONFIG, ./app.yaml, /etc/config/app.yaml) and from environment
variables, which take precedence: FECHATTER_SERVER__PORT=7000 is server.port.
"""

UP = """\
Start everything on this machine and keep it running. Without a database URL, this starts an embedded
PostgreSQL in --data-dir, whose data survive restarts. Progress goes to stderr. When the servers are ready, stdout gets
one line:

  ready chat=http://127.0.0.1:6688 notify=http://127.0.0.1:6687 boards=… docs=…

With features.enable_bot_messages it starts delivery-server, too.

A part that dies is restarted. Ctrl-C or SIGTERM drains and stops everything; a second one stops without draining.
"""

UP_EXAMPLES = """\
examples:
  fechatter up
  fechatter up --port 7000 --notify-port 7001 --data-dir ~/chat
  FECHATTER_DATABASE__URL=postgresql://me:secret@db.example.com/chat fechatter up
"""

MIGRATE = """\
Migrate the database to the schema of this version, revert migrations, compare the two, or create the servers' roles.

  up       apply what is missing
  down     revert the newest migration, with its data (--steps N for more)
  status   show each file: applied, pending, changed or unknown
  verify   exit with status 1 unless every file has been applied and none has changed since
  roles    create the servers' roles (fechatter_chat, fechatter_notify, fechatter_delivery) and grant their rights.
           Run it as a superuser after each `up`. Sets their passwords from $CHAT_ROLE_PASSWORD, $NOTIFY_ROLE_PASSWORD
           and $DELIVERY_ROLE_PASSWORD, if these are set
"""

PSQL = """\
Open psql on the database in use: database.url if it is set, else the embedded PostgreSQL of the data directory
(which is started for the session if it is not running). Arguments after the options are passed to psql.
"""

PSQL_EXAMPLES = """\
examples:
  fechatter psql
  fechatter psql -c "SELECT kind, count(*) FROM events GROUP BY kind"
  fechatter psql --data-dir ~/chat -f report.sql
"""

BACKUP = """\
Write the whole database to one file, without stopping anything. The file is read back completely before it gets its
name. It does not contain the bytes of files, the keys in the data directory, app.yaml and the servers' roles
(docs/backup.md).
"""

RESTORE = """\
Replace the database in use by a backup. Stop the servers first. The old database is kept under another name. Every
client gets a reset and starts from a fresh snapshot (docs/backup.md).
"""

TAIL = """\
Sign in and print the live events of an account, one line each. It reconnects automatically and misses nothing.
The password is read from --password-stdin, else $CHAT_PASSWORD, else the terminal.
"""

TAIL_EXAMPLES = """\
examples:
  fechatter tail --email alice@example.com
  echo "$PASSWORD" | fechatter tail --email alice@example.com --password-stdin
  fechatter tail --chat https://chat.example.com --notify https://events.example.com --email alice@example.com
"""

DOCTOR = """\
Check the configuration, the database and its version, migrations, triggers, keys, the clock and the ports.
Each line is ok or failed, and each failure says how to fix it. The exit status is 1 if anything failed.

With --boards it checks the content of every board instead, with progress on stderr. It changes nothing.
"""

SEARCH = """\
Build the index of messages anew, the newest first, with progress on stderr. Searches use what is there meanwhile, and
servers may be running. It is needed only if the index has been damaged; otherwise it keeps itself up to date.
"""

STORAGE = """\
  check    read the bytes of every file and compare them with their SHA-256; list what is missing, damaged, or left
           over. The exit status is 1 if there is any. It changes nothing
  move     move all files to one store (--to), and encrypt them if storage.encryption_key is set. Each is read
           back before the database says that it has moved. It may be stopped, and goes on where it was

Servers may be running. Progress goes to stderr.
"""

CLERK = """\
  reconcile  ask Clerk for its users, sessions and members of organizations, and apply what its webhooks have not said.
             It stops if more than a tenth would lose something, unless --force is given

Servers may be running. Run it once when Clerk is set up, and then as often as you like.
"""

LDAP = """\
Synchronise accounts with a directory of auth.ldap: names, addresses, groups, and who has left. Those who are gone or
disabled there are suspended, which ends their sessions. chat-server does the same by itself every sync_seconds. It
stops if more than a tenth would leave, and if the search finds nobody. The exit status is 1 if it has stopped.

Try it with --dry-run, which changes nothing.
"""

DIRECTORY = """\
Make people, departments, positions and managers of a CSV file an organisation's (--organization: its id). What a file
says is kept under the name of its source: the next file of the same source takes away what it says no more, and touches
nothing that somebody, or another source, has made. It stops if more than a tenth would go. The exit status is 1 if it
has stopped. Columns: email, external_id, department (Works / Mill), position, head, primary, manager; email alone is
needed, and what has no column stays as it is. A person has a row for each appointment.

Try it with --dry-run, which says what would be done, and changes nothing.
"""

EXPORT = """\
  verify   whether lines of a file that was exported for a case were changed, added, left out or cut off. It needs
           neither a server nor a database. Compare the hash that it prints with the entry case_exported of the audit
           log. The exit status is 1 if the file is damaged, with the number of the first line that is
  person   write all that is stored of one person (--who: an e-mail address, @username or id) to a zip, with a manifest
"""

DELETE = """\
Delete a person: their account, their messages and files, their names in the logs. What others have said stays, and so
does what a legal hold keeps, until it ends. With --dry-run it says what would go and what would stay, and why. There is
no way back.

Servers may be running.
"""

KEYS = """\
Show or rotate the Ed25519 keys that sign access tokens. After `rotate` a new key signs, and tokens of the previous one
stay valid, so nobody is signed out. Servers read the files anew within a second. Rotate again only when the tokens of
before the last time have expired (auth.access_token_seconds). With --revoke only the new key is left, for a key that
somebody else may have.
"""

SERVER = """\
Run {name} alone until SIGTERM, for production. It needs {needs} (from app.yaml or the environment);
`fechatter up` sets these itself. With {section}.workers above 1 it runs that many processes on one port, and restarts
one that dies.
"""


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
    parser = _Parser(prog="fechatter", description=TOP)
    parser.add_argument("--version", action="version", version=f"fechatter {importlib.metadata.version('fechatter')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    command = _add(commands, "up", "start everything on this machine", UP, UP_EXAMPLES)
    command.add_argument("--host", help="address that the servers listen on (default: 127.0.0.1)")
    command.add_argument("--port", type=_port, help="port of chat-server (default: 6688; 0: any free one)")
    command.add_argument(
        "--notify-port", type=_port, metavar="PORT", help="port of notify-server (default: 6687; 0: any free one)"
    )
    command.add_argument(
        "--delivery-port", type=_port, metavar="PORT", help="port of delivery-server (default: 6686; 0: any free one)"
    )
    _add_database(command)

    command = _add(commands, "migrate", "migrate the schema up or down, or check it", MIGRATE, "")
    command.add_argument("action", choices=["up", "down", "status", "verify", "roles"])
    command.add_argument("--steps", type=_positive, default=1, help="down: how many migrations (default: 1)")
    _add_database(command)

    command = _add(commands, "psql", "open psql on the database in use", PSQL, PSQL_EXAMPLES)
    _add_database(command)
    command.usage = "fechatter psql [-h] [--data-dir DIR] [--database-url URL] [arguments for psql ...]"

    command = _add(commands, "backup", "write the database to a file", BACKUP, "")
    command.add_argument("file", type=Path, metavar="FILE", help="a file that does not exist yet, such as chat.dump")
    _add_database(command)

    command = _add(commands, "restore", "replace the database by a backup", RESTORE, "")
    command.add_argument("file", type=Path, metavar="FILE", help="a file written by `fechatter backup`")
    _add_database(command)

    command = _add(commands, "tail", "print the live events of an account", TAIL, TAIL_EXAMPLES)
    command.add_argument("--chat", metavar="URL", help="address of chat-server (default: from app.yaml)")
    command.add_argument("--notify", metavar="URL", help="address of notify-server (default: from app.yaml)")
    command.add_argument("--email", required=True)
    command.add_argument("--password-stdin", action="store_true", help="read the password from the first line of stdin")

    command = _add(commands, "doctor", "check the installation, and say how to fix it", DOCTOR, "")
    _add_database(command)
    command.add_argument("--boards", action="store_true", help="check boards and versions for damage instead")

    command = _add(commands, "search", "build the index of messages anew", SEARCH, "")
    command.add_argument("action", choices=["rebuild"])
    _add_database(command)

    command = _add(commands, "storage", "check the bytes of all files, or move them to another store", STORAGE, "")
    command.add_argument("action", choices=["check", "move"])
    command.add_argument("--to", choices=["directory", "s3"], help="move: the store in which all of them will be")
    command.add_argument("--decrypt", action="store_true", help="move: do not encrypt them, though there is a key")
    _add_database(command)

    command = _add(commands, "clerk", "apply what Clerk's webhooks have not said", CLERK, "")
    command.add_argument("action", choices=["reconcile"])
    command.add_argument("--force", action="store_true", help="even if more than a tenth would lose something")
    _add_database(command)

    command = _add(commands, "ldap", "synchronise accounts with a directory", LDAP, "")
    command.add_argument("action", choices=["sync"])
    command.add_argument("directory", metavar="NAME", help="its name in auth.ldap")
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    command.add_argument("--force", action="store_true", help="let leave as many as have left there")
    _add_database(command)

    command = _add(commands, "directory", "import the directory of an organisation from a CSV file", DIRECTORY, "")
    command.add_argument("action", choices=["import"])
    command.add_argument("file", type=Path, metavar="FILE.csv", help="UTF-8, with a header")
    command.add_argument("--organization", type=int, required=True, metavar="ID", help="its id")
    command.add_argument("--source", default="csv", help="under which name it is kept (csv)")
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    command.add_argument("--force", action="store_true", help="take away as many as the file says no more")
    _add_database(command)

    command = _add(commands, "export", "verify an export of a case, or export a person", EXPORT, "")
    command.add_argument("action", choices=["verify", "person"])
    command.add_argument("file", type=Path, metavar="FILE", help="such as case-1.jsonl, or ada.zip")
    command.add_argument("--who", help="person: an e-mail address, @username or id")
    _add_database(command)

    command = _add(commands, "delete", "delete a person", DELETE, "")
    command.add_argument("what", choices=["person"])
    command.add_argument("--who", required=True, help="an e-mail address, @username or id")
    command.add_argument(
        "--dry-run", action="store_true", help="say what would go and what would stay, and change nothing"
    )
    _add_database(command)

    command = _add(commands, "keys", "show or rotate the keys of access tokens", KEYS, "")
    command.add_argument("action", choices=["show", "rotate"])
    command.add_argument("--revoke", action="store_true", help="rotate: make tokens of all former keys invalid")
    _add_data_dir(command)

    for name, needs in servers.NEEDS.items():
        text = SERVER.format(name=name, needs=" and ".join(needs), section=servers.SECTIONS[name])
        command = _add(commands, name, f"run {name} alone, for production", text, "")
        command.add_argument("--host", help="address to listen on")
        command.add_argument("--port", type=_positive, help="port to listen on")
        # For the supervisor: the worker's number, where it reports that it listens, and where it waits, with its code
        # imported, until it may start.
        command.add_argument("--worker", type=_positive, help=argparse.SUPPRESS)
        command.add_argument("--ready-fd", type=_positive, help=argparse.SUPPRESS)
        command.add_argument("--start-fd", type=_positive, help=argparse.SUPPRESS)
    arguments, rest = parser.parse_known_args(argv)
    arguments.rest = rest
    if rest and arguments.command != "psql":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    if arguments.command == "storage" and (arguments.action == "move") != (arguments.to is not None):
        parser.error("storage move needs --to, and storage check takes no options")
    if arguments.command == "export" and (arguments.action == "person") != (arguments.who is not None):
        parser.error("export person needs --who, and export verify takes no --who")
    return arguments


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)


def _add(commands: Any, name: str, summary: str, description: str, examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=description, epilog=examples)
    parser.set_defaults(command=name)
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
