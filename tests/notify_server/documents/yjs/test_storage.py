"""A board without room for more: its edits are refused, and it goes on when there is room again."""

from tests.notify_server.documents.world import Node, Tab, World


async def quota(world: World, bytes: int) -> None:  # noqa: A002
    await world.sql.execute("SELECT set_storage_quotas($1, 0)", bytes)


async def test_edits_beyond_a_quota_are_refused_until_there_is_room(world: World, node: Node) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    first, second = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    first.edit("a" * 5000)
    await world.until(lambda: first.durable == 1)
    await quota(world, 50_000)
    first.edit("b" * 70_000)  # the database finds out
    await world.until(lambda: first.denied == ["quota_exceeded"])
    await world.until(lambda: not first.open)
    assert not second.open  # it has seen what is not stored
    third = await Tab(world, bob, board).opened(node)
    third.edit("c" * 10)  # known now, and refused before anybody sees it
    await world.until(lambda: third.denied == ["quota_exceeded"])
    assert third.open
    await world.is_stored(board, "a" * 5000)
    await quota(world, 500_000)
    await node.rooms.look_for_room()
    third.edit("d" * 10)
    await world.until(lambda: third.durable == 1)


async def test_a_full_workspace_is_noticed_before_the_board_has_grown(world: World, node: Node) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    tab = await Tab(world, ada, board).opened(node)
    await quota(world, 1000)
    await node.rooms.look_for_room()
    tab.edit("a")
    await world.until(lambda: tab.denied == ["quota_exceeded"])
    assert tab.open
