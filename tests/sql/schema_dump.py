"""sql/schema.sql: what the migrations and sql/ make, as pg_dump sees it, to be reviewed with every change.

Tables, constraints, indexes, sequences and triggers. Functions and the views of `ops` are left out: their only
text is in sql/. `make schema` runs this file, which writes it anew.
"""

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import wheel_programs
from tests.support.postgres import FAST, ROOT, TEMPLATE, make_template

FILE = ROOT / "sql" / "schema.sql"
HEADER = """\
-- The schema that migrations/ and sql/triggers/ make, as pg_dump of PostgreSQL 18 sees it. Written by `make schema`; do
-- not edit. Functions are in sql/functions/ and sql/triggers/, the views of operators in sql/ops/.
-- The log's days (events_YYYYMMDD) come and go, and so are not here.
"""
_LEFT_OUT = {"FUNCTION", "COMMENT", "SCHEMA", "ACL", "DEFAULT ACL"}


def dump(url: str) -> str:
    """The schema of a database, the same text for the same schema."""
    command = [str(wheel_programs() / "pg_dump"), "--schema-only", "--no-owner", "--exclude-table=events_2*", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"})
    entries = re.split(r"^-- Name: .*; Type: (.*); Schema: (.*); Owner: -\n", done.stdout, flags=re.MULTILINE)
    kept = []
    for kind, schema, text in zip(entries[1::3], entries[2::3], entries[3::3], strict=True):
        if kind not in _LEFT_OUT and schema != "ops":
            lines = [line for line in text.splitlines() if not line.startswith(("--", "SET ", "\\"))]
            kept.append("\n".join(lines).strip())
    return HEADER + "".join(f"\n{entry}\n" for entry in kept)


async def _of_the_files() -> str:
    with tempfile.TemporaryDirectory(prefix="fechatter-schema-") as folder:
        Path(folder).chmod(0o711)
        async with EmbeddedPostgres(Path(folder) / "data", settings=FAST) as postgres:
            await make_template(postgres)
            return dump(postgres.dsn(TEMPLATE))


if __name__ == "__main__":
    FILE.write_text(asyncio.run(_of_the_files()))
