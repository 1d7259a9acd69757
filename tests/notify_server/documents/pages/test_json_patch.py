"""The cases of JSON Patch through the socket: what is applied, what is refused, and that a refusal changes nothing."""

import json

from notify_server.documents.pages.rooms import PageRooms
from tests.notify_server.documents.pages.world import Client, new_page
from tests.notify_server.documents.world import World
from tests.support.documents.json_patch_cases import CASES


async def test_every_case_of_json_patch(world: World, rooms: PageRooms) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada, content=None)
    await world.sql.execute("UPDATE pages SET schema = 'free'")
    client, witness = [await Client(world, ada, page).opened(rooms) for _ in range(2)]
    room = rooms.open[page]
    for number, case in enumerate(CASES):
        client.patch({"op": "add", "path": "", "value": case["doc"]}, op_id=f"doc{number}")
        await world.until(lambda number=number: f"doc{number}" not in client.kept)  # type: ignore[misc]
        before, answers = room.content.text()[0], len(client.codes)
        client.send("op-patch", id=f"case{number}", version=client.version, patches=case["patch"])
        client.kept[f"case{number}"] = case["patch"]
        await world.until(lambda number=number: f"case{number}" not in client.kept)  # type: ignore[misc]
        if "expected" in case:
            assert len(client.codes) == answers, case
            assert json.loads(room.content.text()[0]) == case["expected"], case
        else:
            assert client.codes[answers:] == ["PATCH_FAILED"], case
            assert room.content.text()[0] == before
    await world.until(lambda: witness.version == client.version)
    assert json.dumps(witness.content) == json.dumps(client.content)
