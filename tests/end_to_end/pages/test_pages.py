"""Pages end to end: two notify_servers, one order; what psql writes; retries; roles; and the death of a server."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.end_to_end.system import Person, System, lively
from tests.support.servers import ServerProcess


@pytest.fixture
async def other(system: System) -> AsyncIterator[ServerProcess]:
    """Another notify_server of the system."""
    node = system.notify.twin()
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


class Editor:
    """A client of one page."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def send(self, kind: str, **payload: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, "payload": payload}))

    async def patch(self, op_id: str, version: int, path: str, value: Any = 1) -> None:
        patches = [{"op": "add", "path": path, "value": value}]
        await self.send("op-patch", id=op_id, version=version, patches=patches)

    async def next(self, *kinds: str) -> dict[str, Any]:
        """The payload of the next message of these types."""
        while True:
            message: dict[str, Any] = json.loads(await self.socket.recv())
            self.heard.append(message)
            if message["type"] in kinds:
                payload: dict[str, Any] = message["payload"]
                return payload


@asynccontextmanager
async def editing(server: ServerProcess, page: int, person: Person) -> AsyncIterator[tuple[Editor, dict[str, Any]]]:
    url = server.url.replace("http", "ws", 1) + f"/ws?pageId={page}"
    async with connect(url, subprotocols=["fechatter", f"bearer.{person.token}"], proxy=None) as socket:  # type: ignore[list-item]
        editor = Editor(socket)
        yield editor, await editor.next("sync")


async def make_page(system: System, owner: Person, *others: Person, role: str = "editor") -> int:
    async with system.sql() as sql:
        made = await sql.fetchval(
            "SELECT create_page($1, $2, 'landing', 'page', NULL, false)::json ->> 'id'", owner.id, owner.workspace
        )
        for person in others:
            member = "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, $3)"
            await sql.execute(member, int(made), person.id, role)
    return int(made)


async def test_two_servers_one_order_and_what_psql_writes(system: System, other: ServerProcess) -> None:
    ada, bob = await system.team("Ada", "Bob")
    page = await make_page(system, ada, bob)
    async with editing(system.notify, page, ada) as (one, sync), editing(other, page, bob) as (two, _):
        assert (sync["version"], sync["role"], sync["schema"]["rootId"]) == (1, "owner", 1)
        for number in range(20):
            await one.patch(f"a{number}", 1, f"/components/1/a{number}")
            await two.patch(f"b{number}", 1, f"/components/1/b{number}")
        orders = []
        for editor in (one, two):
            told = [await editor.next("op-ack", "op-patch") for _ in range(40)]
            assert [each["version"] for each in told] == list(range(2, 42))
            orders.append([each["id"] for each in told])
        assert orders[0] == orders[1]
        async with system.sql() as sql:
            patch = '[{"op": "add", "path": "/note", "value": "from psql"}]'
            await sql.execute("INSERT INTO page_ops (page_id, patch) VALUES ($1, $2)", page, patch)
        for editor in (one, two):
            told_of = await editor.next("op-patch")
            assert (told_of["version"], told_of["user_id"], told_of["patches"]) == (42, None, json.loads(patch))
        await two.patch("a0", 1, "/components/1/a0")  # the same id and patch, over another server
        assert await two.next("op-ack") == {"id": "a0", "version": orders[0].index("a0") + 2}
        await two.patch("new", 1, "/note", "mine")
        error = await two.next("error")
        assert (error["code"], error["id"], error["ops"][-1]["patches"]) == (
            "VERSION_CONFLICT",
            "new",
            json.loads(patch),
        )
        await two.patch("other", 1, "/other")
        assert (await two.next("op-ack"))["version"] == 43
        async with system.sql() as sql:
            role = "UPDATE document_members SET role = 'viewer' WHERE document_id = $1 AND user_id = $2"
            await sql.execute(role, page, bob.id)
        assert await two.next("role") == {"role": "viewer"}
        await two.patch("no", 43, "/no")
        assert (await two.next("error"))["code"] == "READ_ONLY"
        async with system.sql() as sql:
            gone = "DELETE FROM document_members WHERE document_id = $1 AND user_id = $2"
            await sql.execute(gone, page, bob.id)
        with pytest.raises(ConnectionClosed):
            await two.next("none")
        assert two.socket.close_code == 4412
        assert (await one.next("user-leave"))["user_id"] == bob.id
    assert [message["type"] for message in one.heard].count("user-leave") == 1


@lively
async def test_what_was_acknowledged_is_there_when_its_server_is_killed(system: System) -> None:
    ada, bob = await system.team("Ada", "Bob")
    page = await make_page(system, ada, bob)
    node = system.notify.twin()
    await node.start()
    acknowledged: dict[str, int] = {}
    async with editing(system.notify, page, bob) as (witness, _):
        async with editing(node, page, ada) as (editor, _):
            await witness.next("user-join")
            for number in range(200):
                await editor.patch(f"op{number}", 1, f"/components/1/a{number}")
            while len(acknowledged) < 40:
                ack = await editor.next("op-ack")
                acknowledged[ack["id"]] = ack["version"]
            await node.kill()
            with suppress(ConnectionClosed):
                while True:
                    ack = await editor.next("op-ack")
                    acknowledged[ack["id"]] = ack["version"]
        url = system.notify.url.replace("http", "ws", 1) + "/api/pages/ws"
        headers = {"Authorization": f"Bearer {ada.token}"}
        async with connect(url, additional_headers=headers, proxy=None) as socket:
            again = Editor(socket)
            pending = [{"id": f"op{number}", "version": 1} for number in range(200)]
            await again.send("join", page_id=page, pending=pending)
            sync = await again.next("sync")
            fates = sync["pending"]
            assert {op: fates[op].get("version") for op in acknowledged} == acknowledged
            unknown = [op for op, fate in fates.items() if fate == {"status": "unknown"}]
            for op in unknown:  # sent again, under the same ids
                path = f"/components/1/a{op.removeprefix('op')}"
                patches = [{"op": "add", "path": path, "value": 1}]
                await again.send("op-patch", page_id=page, id=op, version=sync["version"], patches=patches)
            while unknown:
                unknown.remove((await again.next("op-ack"))["id"])
        async with system.sql() as sql:
            rows = await sql.fetch("SELECT version, op_id FROM page_ops WHERE page_id = $1 ORDER BY version", page)
        assert [row["version"] for row in rows] == list(range(2, 202))
        assert {row["op_id"] for row in rows} == {f"op{number}" for number in range(200)}
        while sum(message["type"] == "op-patch" for message in witness.heard) < 200:
            await witness.next("op-patch")
        seen = [message["payload"]["id"] for message in witness.heard if message["type"] == "op-patch"]
        assert seen == [row["op_id"] for row in rows]
        first = next(m["payload"]["client_id"] for m in witness.heard if m["type"] == "user-join")
        while not any(m["type"] == "user-leave" and m["payload"]["client_id"] == first for m in witness.heard):
            await witness.next("user-leave")
    leaves = [m["payload"]["client_id"] for m in witness.heard if m["type"] == "user-leave"]
    assert leaves.count(first) == 1
