"""A failover that loses patches: rooms that have one are given up, and all others go on."""

import json

import pytest

from notify_server.documents.pages.rooms import PageRooms
from tests.notify_server.documents.pages.world import Client, new_page
from tests.notify_server.documents.world import World


async def lose(world: World, page: int, *, instead: int) -> None:
    """The newest patch of a page. So many others may have made its version and those after it by now."""
    async with world.sql.transaction():
        await world.sql.execute("SET LOCAL session_replication_role = replica")
        lost = await world.sql.fetchval(
            "DELETE FROM page_ops USING documents WHERE id = page_id AND version = last_seq AND id = $1 "
            "RETURNING version",
            page,
        )
        await world.sql.execute("UPDATE documents SET last_seq = $2 - 1 WHERE id = $1", page, lost)
    for number in range(instead):
        await world.sql.execute(
            "INSERT INTO page_ops (page_id, patch) VALUES ($1, $2)",
            page,
            f'[{{"op":"add","path":"/components/1/other{number}","value":1}}]',
        )


@pytest.mark.parametrize("instead", [0, 1, 2], ids=["lost", "its version is another's", "others came after it"])
async def test_a_page_goes_on_unless_one_of_its_newest_patches_is_lost(
    world: World, rooms: PageRooms, other: PageRooms, instead: int
) -> None:
    ada = await world.person("ada")
    pages = [await new_page(world, ada) for _ in range(4)]
    lost, kept, old, _ = clients = [await Client(world, ada, page).opened(rooms) for page in pages]
    for client in (lost, kept, old):
        for name in ("one", "two"):
            client.set(f"/components/1/{name}", 1)
            await world.until(lambda client=client: not client.kept)  # type: ignore[misc]
    readers = [await Client(world, ada, page).opened(other) for page in pages]  # where they are loaded alone
    content = json.dumps(old.content)
    await world.sql.execute("SELECT page_keep_snapshot($1, 3, $2, '{}', '{}', '{}')", old.page, content)
    await world.sql.execute("SELECT expire_page_ops($1, '-1 day', 10)", old.page)
    await lose(world, lost.page, instead=instead)
    for each in (rooms, other):
        await world.until(lambda each=each: each.open[lost.page].content.version >= 2 + instead)  # type: ignore[misc]
        each.go_on()
    await world.until(lambda: all(client.wire.close_code for client in (lost, readers[0])))
    assert [client.wire.close_code for client in (*clients[1:], *readers[1:])] == [None] * 6
    again = await Client(world, ada, lost.page).opened(rooms)
    assert set(again.content["components"]["1"]) >= {"one", *(f"other{number}" for number in range(instead))}
    assert "two" not in again.content["components"]["1"]
    again.set("/components/1/three", 1)
    kept.set("/components/1/three", 1)
    await world.until(lambda: not again.kept | kept.kept)
    assert (again.version, kept.version) == (3 + instead, 4)
