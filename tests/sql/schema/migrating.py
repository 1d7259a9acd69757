"""What tests of the migrator do to files and databases, and see of them."""

from pathlib import Path

from chat_core.database import migrations
from chat_core.database.pool import Connection
from tests.sql.schema_dump import dump


async def whole(connection: Connection, url: str) -> str:
    """Everything in the database as text: the schema, functions, views."""
    return dump(url) + await code(connection)


async def code(connection: Connection) -> str:
    """Functions, views and triggers, with their comments."""
    text: str | None = await connection.fetchval(
        "SELECT string_agg(text, '' ORDER BY text COLLATE \"C\") FROM ("
        "  SELECT pg_get_functiondef(oid) || coalesce(obj_description(oid, 'pg_proc'), '') AS text FROM pg_proc"
        "  WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'ops'))"
        "  UNION ALL SELECT oid::regclass || pg_get_viewdef(oid) || coalesce(obj_description(oid, 'pg_class'), '')"
        "  FROM pg_class WHERE relkind = 'v' AND relnamespace = to_regnamespace('ops')"
        "  UNION ALL SELECT pg_get_triggerdef(oid) || coalesce(obj_description(oid, 'pg_trigger'), '')"
        "  FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0) code"
    )
    return text or ""


async def up(connection: Connection) -> list[str]:
    return await migrations.up(connection, lambda _: None)


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)
