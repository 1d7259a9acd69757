"""Two nodes, pages on them, and people who edit these."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from tests.end_to_end.pages.recovery import truth
from tests.end_to_end.pages.recovery.editors import PageEditor
from tests.end_to_end.system import Json, Person, System
from tests.support.servers import ServerProcess
from tests.support.services.proxy import Proxy

_numbers = itertools.count()


@dataclass
class Nodes:
    system: System
    here: ServerProcess
    there: ServerProcess
    proxy: Proxy | None = None
    editors: list[PageEditor] = field(default_factory=list)

    async def page(self, *people: Person) -> int:
        """An empty page at version 1, which all of them may edit."""
        async with self.system.sql() as sql, sql.transaction():
            made = await sql.fetchval(
                "SELECT create_page($1, $2, 'plan', 'page', NULL, false) ->> 'id'", people[0].id, people[0].workspace
            )
            for person in people[1:]:
                await sql.execute(
                    "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, 'editor')",
                    int(made),
                    person.id,
                )
        return int(made)

    def editor(self, person: Person, page: int) -> PageEditor:
        made = PageEditor(f"e{next(_numbers)}", person, page)
        self.editors.append(made)
        return made

    async def joined(self, person: Person, page: int, server: ServerProcess) -> PageEditor:
        editor = self.editor(person, page)
        await editor.join(server)
        return editor

    async def forget_editors(self) -> None:
        for editor in self.editors:
            await editor.leave()
        self.editors.clear()

    async def stored_ids(self, page: int) -> dict[str, int]:
        async with self.system.sql() as sql:
            rows = await sql.fetch("SELECT op_id, version FROM page_ops WHERE page_id = $1", page)
            return {row["op_id"]: row["version"] for row in rows}

    async def version(self, page: int) -> int:
        async with self.system.sql() as sql:
            version: int = await sql.fetchval("SELECT last_seq FROM documents WHERE id = $1", page)
            return version

    async def insert(self, page: int, patch: list[Json]) -> None:
        """As psql does."""
        async with self.system.sql() as sql:
            await sql.execute("INSERT INTO page_ops (page_id, patch) VALUES ($1, $2)", page, json.dumps(patch))

    async def patch(self, person: Person, page: int, base: int, patch: list[Json], op_id: str) -> int | None:
        """Over REST; the version that it made, None if it was refused."""
        headers = {"Content-Type": "application/json-patch+json", "Idempotency-Key": op_id}
        path = f"/pages/{page}/content?version={base}"
        while True:
            answer = await person.request("PATCH", path, content=json.dumps(patch), headers=headers)
            if answer.status_code != 503 or answer.json()["code"] != "try_again":  # others' edits held the page
                break
        assert answer.status_code in (200, 409, 422), answer.text
        return int(answer.json()["version"]) if answer.is_success else None

    async def at(self, page: int, version: int) -> None:
        """Until this version is stored."""
        while await self.version(page) < version:
            pass

    async def come_to_rest(self, page: int, *editors: PageEditor) -> None:
        """All know what became of their ops, have the newest version, and were told nothing but the truth."""
        for editor in editors:
            assert await editor.settled(), f"{editor.name} waits for {editor.pending}: {editor.errors[-3:]}"
        newest = await self.version(page)
        for editor in editors:
            await editor.until(lambda e=editor: e.version >= newest)  # type: ignore[misc]
        async with self.system.sql() as sql:
            page_now = await truth.stored(sql, page)
        assert truth.faults(page_now, editors) == []

    @asynccontextmanager
    async def locked(self, page: int) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Nothing can be committed to the page until the transaction of this connection ends."""
        async with self.system.sql() as sql:
            await sql.execute("BEGIN")
            await sql.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", page)
            try:
                yield sql
            finally:
                sql.terminate()


def put(name: str, value: object) -> list[Json]:
    """A patch that overlaps with no other one of another name: a member of the page's root component."""
    return [{"op": "add", "path": f"/components/1/{name}", "value": value}]


def rename(name: str) -> list[Json]:
    """A patch that overlaps with every other one of its kind."""
    return [{"op": "replace", "path": "/components/1/name", "value": name}]
