"""A client written from the first description of this protocol alone: six types of message, `type` and `payload`, and
in an `op-patch` nothing but `patches` and `version`; every patch goes to everybody in the room. It knows no ids."""

import json
from typing import Any

from websockets.frames import Frame, Opcode

from chat_core.documents.patches.patch import apply
from notify_server.documents.pages.rooms import PageRooms
from tests.notify_server.documents.pages.world import Client, new_page
from tests.notify_server.documents.world import World


class Page:
    """The state of such a client, and what it does with what comes."""

    def __init__(self, connection: Client) -> None:
        self.connection = connection
        self.schema: Any = None
        self.version = 0
        self.users: set[int] = set()
        self.errors: list[str] = []
        self._read = 0

    def read(self) -> None:
        for kind, payload in self.connection.heard[self._read :]:
            if kind == "sync":
                self.schema, self.version = payload["schema"], payload["version"]
            elif kind == "op-patch":
                assert payload["version"] == self.version + 1
                self.schema, self.version = apply(self.schema, payload["patches"]).document, payload["version"]
            elif kind == "user-join":
                self.users.add(payload["user_id"])
            elif kind == "user-leave":
                self.users.remove(payload["user_id"])
            elif kind == "error":
                self.errors.append(payload["code"])
        self._read = len(self.connection.heard)

    def send(self, kind: str, **payload: Any) -> None:
        content = json.dumps({"type": kind, "payload": payload}).encode()
        self.connection.wire.receive(Frame(Opcode.TEXT, content).serialize(mask=True))

    def edit(self, path: str, value: Any, version: int | None = None) -> None:
        patches = [{"op": "add", "path": path, "value": value}]
        self.send("op-patch", patches=patches, version=self.version if version is None else version)


async def test_a_client_that_knows_no_more_works(world: World, rooms: PageRooms, other: PageRooms) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    one, two = [
        Page(await Client(world, *who).opened(where)) for who, where in (((ada, page), rooms), ((bob, page), other))
    ]

    def have_read(holds: Any) -> Any:
        def reads() -> Any:
            for each in (one, two):
                each.read()
            return holds()

        return reads

    await world.until(have_read(lambda: one.version == two.version == 1 and one.users == {bob.user_id}))
    assert one.schema == {"rootId": 1, "components": {"1": {"id": 1, "name": "Page", "desc": "页面根节点"}}}
    one.edit("/components/1/name", "Home")
    await world.until(have_read(lambda: one.version == two.version == 2))
    two.edit("/components/2", {"id": 2, "name": "Text", "parentId": 1})
    await world.until(have_read(lambda: one.version == two.version == 3))
    assert one.schema == two.schema
    two.edit("/components/1/name", "Start", version=1)
    two.edit("/nowhere/x", 1)
    await world.until(have_read(lambda: two.errors == ["VERSION_CONFLICT", "PATCH_FAILED"]))
    one.send("cursor-move", x=1, y=2)
    await world.until(have_read(lambda: two.connection.of("cursor-move")))
    one.connection.drop()
    two.send("sync")
    await world.until(have_read(lambda: len(two.connection.of("sync")) == 2))
    await world.until(lambda: two.connection.of("user-leave"))
    ghost = await Client(world, ada, page + 999).connect(rooms)
    assert ghost.codes == ["PAGE_NOT_FOUND"]
