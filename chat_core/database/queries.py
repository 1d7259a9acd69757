"""Named queries: every statement the servers send lives in `sql/queries/`, with a sentence above it.

A file holds queries of this form; parameters are written `:name`:

    -- name: user_by_email(email)
    -- The account of an address, however its letters are cased.
    SELECT id, password_hash FROM users WHERE lower(email) = lower(:email);

A module binds the queries it uses by name and parameters when it is imported, so that a misspelt name,
a missing parameter or a query nobody wrote fails at start and not at the first request.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asyncpg import Record

from chat_core.database import resources
from chat_core.database.pool import Connection, Pool

_HEADER = re.compile(r"^-- name: (\w+)\(([\w, ]*)\)$", re.MULTILINE)
# A colon that is part of a cast (::text) or of a slice ([1:2]) is no parameter.
_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")


class QueryError(Exception):
    """A query file, or a binding to it, is wrong; the text says where."""


@dataclass(frozen=True, slots=True)
class Query:
    """One statement. Its methods take a connection or pool, and exactly its parameters by keyword."""

    name: str
    parameters: tuple[str, ...]
    sql: str

    async def rows(self, connection: Connection | Pool, **values: Any) -> list[Record]:
        return list(await connection.fetch(*self._call(values)))

    async def row(self, connection: Connection | Pool, **values: Any) -> Record | None:
        return await connection.fetchrow(*self._call(values))

    async def one(self, connection: Connection | Pool, **values: Any) -> Record:
        """The row of a query that always has one, such as a function's."""
        row = await self.row(connection, **values)
        if row is None:
            raise LookupError(f"{self.name} returned no row")
        return row

    async def value(self, connection: Connection | Pool, **values: Any) -> Any:
        """The first column of the first row; None if there is no row."""
        return await connection.fetchval(*self._call(values))

    def _call(self, values: Mapping[str, Any]) -> list[Any]:
        if values.keys() != set(self.parameters):
            raise TypeError(f"{self.name} takes {self.parameters}, got {tuple(values)}")
        return [self.sql, *(values[parameter] for parameter in self.parameters)]


def parse(text: str, source: str) -> dict[str, Query]:
    """The queries of one file. QueryError for a name twice, text before the first name, or parameters that differ."""
    found: dict[str, Query] = {}
    headers = list(_HEADER.finditer(text))
    if text[: headers[0].start() if headers else None].strip():
        raise QueryError(f"{source}: expected '-- name: query(parameters)' on the first line")
    for header, following in zip(headers, [*headers[1:], None], strict=True):
        name, declared = header[1], tuple(re.findall(r"\w+", header[2]))
        body = text[header.end() : following.start() if following else None].strip()
        comment = re.match(r"(--.*\n)+", body)
        if not comment:
            raise QueryError(f"{source}: {name}: expected a sentence above the query")
        sql = body[comment.end() :].rstrip(";").strip()
        if name in found:
            raise QueryError(f"{source}: {name} occurs twice")
        if (used := set(_PARAMETER.findall(sql))) != set(declared):
            raise QueryError(f"{source}: {name} declares {declared} and uses {tuple(sorted(used))}")
        for number, parameter in enumerate(declared, start=1):
            sql = re.sub(rf"(?<![:\w]):{parameter}\b", f"${number}", sql)
        found[name] = Query(name, declared, f"/* {name} */ {sql}")
    return found


@functools.cache
def load(folder: Path = resources.QUERIES) -> Mapping[str, Query]:
    """All queries of a folder by name; the names are unique over its files."""
    found: dict[str, Query] = {}
    for path in sorted(folder.rglob("*.sql")):
        for name, loaded in parse(path.read_text(), path.name).items():
            if name in found:
                raise QueryError(f"{path.name}: {name} is in another file too")
            found[name] = loaded
    return found


_all = load()


def query(name: str, *parameters: str) -> Query:
    """Binds a query: QueryError unless it exists and takes exactly these parameters."""
    bound = _all.get(name)
    if bound is None:
        raise QueryError(f"there is no query {name!r} in sql/queries/")
    if set(bound.parameters) != set(parameters):
        raise QueryError(f"{name} takes {bound.parameters}, bound with {parameters}")
    return bound
