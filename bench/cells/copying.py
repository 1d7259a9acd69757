"""The rows of a workspace, whatever their tables are, copied from one cell to another with their ids.

What belongs to a workspace is what a deletion would take along: the tables below it by foreign keys ON DELETE CASCADE.
Triggers and foreign keys rest on the target (session_replication_role), as they do for logical replication.
"""

import io
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import asyncpg

from chat_core.database.pool import Connection

if TYPE_CHECKING:
    Statement = asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record]

FOREIGN_KEYS = """
SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent, confdeltype = 'c' AS owns,
       ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY k (n, place)
             JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY place) AS columns,
       ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY k (n, place)
             JOIN pg_attribute ON attrelid = confrelid AND attnum = n ORDER BY place) AS named
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
COLUMNS = """
SELECT attrelid::regclass::text AS name, array_agg(attname::text ORDER BY attnum) AS columns
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped AND attgenerated = '' GROUP BY attrelid
"""
KEYS = """
SELECT indrelid::regclass::text AS name, ARRAY(SELECT attname::text FROM unnest(indkey) WITH ORDINALITY k (n, place)
       JOIN pg_attribute ON attrelid = indrelid AND attnum = n ORDER BY place) AS columns
FROM pg_index WHERE indisprimary
"""
ROOT = "workspaces"
BULK = "messages"  # it, and what is below it, is copied while people write
QUIETLY = "SET LOCAL session_replication_role = replica"


class Above(NamedTuple):
    parent: str
    columns: list[str]
    named: list[str]


@dataclass(frozen=True, eq=False)
class Table:
    """`owned` is the condition for its rows of a workspace, which is `{workspace}` in it."""

    name: str
    columns: list[str]
    key: list[str]
    owned: str
    bulk: bool

    @property
    def list(self) -> str:
        return ", ".join(f'"{column}"' for column in self.columns)

    def query(self, workspace: int, condition: str = "true") -> str:
        return f"SELECT {self.list} FROM {self.name} WHERE ({self.owned.format(workspace=workspace)}) AND {condition}"


async def tables(sql: Connection) -> list[Table]:
    """All that may have rows of a workspace, parents first."""
    above: defaultdict[str, list[Above]] = defaultdict(list)
    for row in await sql.fetch(FOREIGN_KEYS):
        if row["owns"] and row["child"] != row["parent"]:
            above[row["child"]].append(Above(row["parent"], row["columns"], row["named"]))
    columns = {row["name"]: row["columns"] for row in await sql.fetch(COLUMNS)}
    keys = {row["name"]: row["columns"] for row in await sql.fetch(KEYS)}
    inside = {ROOT: ""}  # in the order in which they were found: parents first
    while found := [c for c, ups in above.items() if c not in inside and any(up.parent in inside for up in ups)]:
        inside |= dict.fromkeys(found, "")

    def owned(name: str, below: frozenset[str]) -> str:
        if name == ROOT:
            return "id = {workspace}"
        ways = [up for up in above[name] if up.parent in inside and up.parent not in below]
        return (
            " OR ".join(
                f"({', '.join(up.columns)}) IN (SELECT {', '.join(up.named)} FROM {up.parent}"
                f" WHERE {owned(up.parent, below | {name})})"
                for up in ways
            )
            or "false"
        )

    bulk = {BULK}
    for name in inside:
        if any(up.parent in bulk for up in above[name]) and name in keys:
            bulk.add(name)
    return [Table(name, columns[name], keys.get(name, []), owned(name, frozenset()), name in bulk) for name in inside]


class Looks:
    """Which of some tables have rows of a workspace, and whom these name: queries over dozens of tables, which take
    longest to plan. Begun before people have to wait, they are planned by then."""

    def __init__(self, among: list[Table], rows: "Statement", people: "Statement") -> None:
        self.among, self._rows, self._people = among, rows, people

    @classmethod
    async def begun(cls, sql: Connection, among: list[Table], workspace: int) -> Self:
        rows = " UNION ALL ".join(f"SELECT '{t.name}' WHERE EXISTS ({t.query(workspace)})" for t in among)
        wanted = {table.name: table for table in among}
        naming = " UNION ALL ".join(
            f"SELECT {row['columns'][0]} FROM ({wanted[row['child']].query(workspace)}) AS t"
            for row in await sql.fetch(FOREIGN_KEYS)
            if row["parent"] == "users" and len(row["columns"]) == 1 and row["child"] in wanted
        )
        people = f"SELECT DISTINCT id FROM ({naming}) AS named (id) WHERE id IS NOT NULL"
        looks = cls(among, await sql.prepare(rows), await sql.prepare(people))
        await looks.tables()
        await looks.people()
        return looks

    async def tables(self) -> list[Table]:
        found = {row[0] for row in await self._rows.fetch()}
        return [table for table in self.among if table.name in found]

    async def people(self) -> list[int]:
        return [row["id"] for row in await self._people.fetch()]


async def copy(source: Connection, target: Connection, table: Table, query: str, into: str | None = None) -> int:
    """The rows of a query; how many there were."""
    held = io.BytesIO()
    await source.copy_from_query(query, output=held, format="binary")
    held.seek(0)
    schema, _, name = (into or f"public.{table.name}").rpartition(".")
    done = await target.copy_to_table(
        name, schema_name=schema or None, source=held, format="binary", columns=table.columns
    )
    return int(done.rpartition(" ")[2])


async def copy_changes(source: Connection, target: Connection, table: Table, workspace: int, since: int) -> int:
    """What has changed since a transaction id, in rows that were copied before: new versions, and what is gone."""
    key = ", ".join(table.key)
    await target.execute(f"CREATE TEMP TABLE changed ON COMMIT DROP AS SELECT {table.list} FROM {table.name} LIMIT 0")
    newer = f"age(xmin) <= age('{since}'::xid)"
    amount = await copy(source, target, table, table.query(workspace, newer), "changed")
    await target.execute(f"DELETE FROM {table.name} WHERE ({key}) IN (SELECT {key} FROM changed)")
    await target.execute(
        f"INSERT INTO {table.name} ({table.list}) OVERRIDING SYSTEM VALUE SELECT {table.list} FROM changed"
    )
    await target.execute("DROP TABLE changed")
    await target.execute(f"CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT {key} FROM {table.name} LIMIT 0")
    keys = Table(table.name, table.key, table.key, table.owned, bulk=True)
    await copy(source, target, keys, keys.query(workspace), "kept")
    gone = f"({key}) NOT IN (SELECT {key} FROM kept)"
    await target.execute(f"DELETE FROM {table.name} WHERE ({table.owned.format(workspace=workspace)}) AND {gone}")
    await target.execute("DROP TABLE kept")
    return amount
