"""Who is on a board over which node: told to others where there are any, and gone with the node's lease."""

import asyncio

from tests.sql.world import World

TELL = "SELECT tell_document_presence($1, $2, $3, $4, $5, $6, $7, $8)"
REPORT = "SELECT known FROM report_streams($1, '[]', '{}', life_seconds => $2)"
THERE = "SELECT document_id, node, client_id, user_id, opening, clock, state FROM document_presence ORDER BY 1, 2, 3"


async def tell(world: World, node: str, *clients: tuple[int, int, int, str | None]) -> bool:
    boards, ids, clocks, states = (list(values) for values in zip(*clients, strict=True))
    ones = [1] * len(ids)
    told: bool = await world.sql.fetchval(TELL, node, boards, ids, ones, ones, [9] * len(ids), clocks, states)
    return told


async def test_a_node_tells_others_and_its_rows_go_with_its_lease(world: World) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    await world.sql.add_listener("fechatter_document_presence", lambda *told: heard.put_nowait(str(told[-1])))

    async def hear() -> str:
        async with asyncio.timeout(60):
            return await heard.get()

    await world.events()
    await world.sql.fetchval(REPORT, "one", 30)
    assert await hear() == "one"
    assert not await tell(world, "one", (1, 7, 1, "{}"))  # nobody is there to hear it
    assert not await tell(world, "unknown", (1, 7, 1, "{}"))
    await world.sql.fetchval(REPORT, "two", 30)
    assert await hear() == "two"
    assert await tell(world, "one", (1, 7, 1, "{}"), (2, 8, 5, "{}"), (1, 9, 1, "{}"))
    assert await hear() == "one 1 2"
    assert await tell(world, "one", (1, 7, 2, '{"x": 1}'), (1, 9, 0, None))
    assert await hear() == "one 1"
    assert await tell(world, "two", (1, 7, 3, "{}"))
    assert await hear() == "two 1"
    assert [tuple(row) for row in await world.rows(THERE)] == [
        (1, "one", 7, 1, 9, 2, '{"x": 1}'),
        (1, "two", 7, 1, 9, 3, "{}"),
        (2, "one", 8, 1, 9, 5, "{}"),
    ]
    assert await world.sql.fetchval(REPORT, "one", 30)
    await world.sql.execute("UPDATE notify_nodes SET expires_at = now() - interval '1 second' WHERE node = 'one'")
    assert await world.sql.fetchval(REPORT, "two", 30)
    assert await hear() == "two"  # who hears it tells all and reads all again
    assert [row[1] for row in await world.rows(THERE)] == ["two"]
    assert await world.events() == []


async def test_nobody_is_notified_of_what_all_have_heard_over_nats(world: World) -> None:
    heard: list[str] = []
    listener = await world.connect()
    await listener.add_listener("fechatter_document_presence", lambda *told: heard.append(str(told[-1])))
    hears = "SELECT known FROM report_streams($1, '[]', '{}', node_hears => $2)"
    moved = TELL[:-1] + ", quiet => true)"
    for node in ("one", "two"):
        await world.sql.fetchval(hears, node, True)
    await listener.execute("SELECT 1")
    heard.clear()
    arguments = ("one", [1], [7], [1], [1], [9], [3], ["{}"])
    assert await world.sql.fetchval(moved, *arguments)
    await listener.execute("SELECT 1")
    assert heard == []
    assert [row[6] for row in await world.rows(THERE)] == ["{}"]
    await world.sql.fetchval(hears, "two", False)
    await listener.execute("SELECT 1")
    assert heard == ["two"]  # so that all tell everything again
    assert await world.sql.fetchval(moved, *arguments)
    await listener.execute("SELECT 1")
    assert heard == ["two", "one 1"]
