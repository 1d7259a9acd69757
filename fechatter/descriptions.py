"""What `--help` says of the commands."""

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

With features.enable_bot_messages, push.contact or delivery.sinks it starts delivery-server, too.

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
(docs/operations/backup.md).
"""

RESTORE = """\
Replace the database in use by a backup. Stop the servers first. The old database is kept under another name. Every
client gets a reset and starts from a fresh snapshot (docs/operations/backup.md).
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
  workspace
           write a workspace to an archive (--output), which `fechatter import fechatter` loads: public channels, and
           with --private its other chats, if the workspace may export them (docs/import/README.md)
"""

IMPORT = """\
Load an archive, or an export of Slack, Mattermost, Zulip, Rocket.Chat or Discord (docs/import/). A new workspace is
made for it, or it goes into the one that --workspace names; a later export of the same team has to name it.
People are matched by addresses that have been verified here; the others get accounts that cannot sign in before
somebody reinstates them, or at once with --activate. A second run changes nothing, and one after a kill goes on.

Try it with --dry-run, which reads and checks all of it and changes nothing. Servers may be running.
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
