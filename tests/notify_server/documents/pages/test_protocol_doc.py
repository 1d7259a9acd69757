"""docs/pages/protocol.md is true: its messages are those that clients may send and that servers send."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from notify_server.documents.pages import messages
from notify_server.documents.pages.rooms import PageRooms
from tests.notify_server.documents.pages.world import Client, new_page
from tests.notify_server.documents.world import World

DOCUMENT = (Path(__file__).parents[4] / "docs/pages/protocol.md").read_text()


def samples(heading: str) -> list[dict[str, Any]]:
    section = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [json.loads(sample) for sample in re.findall(r"^\| `(\{.*?\})` \|", section, re.MULTILINE)]


def shape(value: Any) -> Any:
    """The names and types of a value's members, in order."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__


@pytest.mark.parametrize("sample", samples("From the client"), ids=lambda sample: sample["type"])
def test_clients_may_send_what_it_shows(sample: dict[str, Any]) -> None:
    read = messages.read(json.dumps(sample).encode())
    known = {name for name in read.__struct_fields__ if getattr(read, name) is not None}
    assert sample["payload"].keys() <= known


def test_it_shows_all_that_clients_may_send() -> None:
    assert {sample["type"] for sample in samples("From the client")} == messages._DECODERS.keys()


async def test_servers_send_what_it_shows(world: World, rooms: PageRooms) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    guest = await Client(world, bob, page).opened(rooms)
    stored = guest.set("/note", 1)
    await world.until(lambda: guest.version == 2)
    client = await Client(world, ada, page).opened(rooms, many=True, pending=[{"id": stored}, {"id": "lost"}])
    guest.send("cursor-move", x=1.5, y=2, component_id=1)
    guest.send("selection", component_ids=[1])
    guest.send("editing", component_id=1)
    guest.patch({"op": "remove", "path": "/note"})
    await world.until(lambda: client.version == 3 and client.of("editing"))
    client.set("/note", 1, base=2)
    client.set("/other", 1)
    await world.until(lambda: client.of("op-ack") and client.codes)
    late = await Client(world, bob, page).opened(rooms)
    late.drop()
    await world.role(page, ada, "owner")
    await world.sql.execute("UPDATE document_members SET role = 'owner' WHERE document_id = $1", page)
    await world.role(page, ada, "viewer")
    await world.until(lambda: client.of("role") and client.of("user-leave"))
    assert client.socket is not None
    client.socket.put(client.socket.keep_alive())
    await world.until(lambda: client.of("heartbeat"))
    shown = {sample["type"]: sample for sample in samples("From the server")}
    heard = {kind: {"type": kind, "payload": payload} for kind, payload in reversed(client.heard)}
    assert heard.keys() == shown.keys()
    for kind, sample in shown.items():
        if kind == "sync":
            for message in (sample, heard[kind]):
                message["payload"]["content"] = {}
                message["payload"]["pending"] = sorted(map(shape, message["payload"]["pending"].values()), key=str)
                message["payload"]["users"][0] |= {"cursor": None, "selection": [], "editing": None}
        assert shape(heard[kind]) == shape(sample), kind
        assert list(heard[kind]["payload"]) == list(sample["payload"])


def test_it_explains_every_code_of_an_error() -> None:
    source = Path(messages.__file__).parent
    codes = set(re.findall(r'"([A-Z_]{4,})"', "".join(path.read_text() for path in source.glob("*.py"))))
    missing = [code for code in codes - {"TOO_MANY_CONNECTIONS"} if f"`{code}`" not in DOCUMENT]
    assert not missing
