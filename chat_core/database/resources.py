"""The location of this installation's SQL: inside the package, so that a wheel has it too.

In a checkout `schema/` holds links to the repository's `sql/` and `migrations/`; a build follows them and packages the
files themselves (ADR 25).
"""

from importlib.resources import files
from pathlib import Path

# Every file of SQL has its name from here: "sql/functions/log/log.sql", "migrations/0003_log.sql".
SCHEMA = Path(str(files("chat_core"))) / "schema"
MIGRATIONS = SCHEMA / "migrations"
SQL = SCHEMA / "sql"
# What is dropped and created anew whenever it has changed.
CODE = tuple(SQL / folder for folder in ("functions", "triggers", "ops"))
QUERIES = SQL / "queries"
ADOPTION = SQL / "adopt.sql"
ROLES = SQL / "roles.sql"
GRANTS = SQL / "grants.sql"
PASSWORDS = SQL / "passwords.sql"
