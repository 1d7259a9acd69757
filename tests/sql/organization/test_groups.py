"""Groups, and whom a message mentions by them."""

from tests.sql.world import World


async def test_a_group_mentions_those_of_it_who_see_the_chat(world: World) -> None:
    sql = world.sql
    await sql.execute(f"SELECT create_organization({world.alice}, 'Engines')")
    await sql.execute(
        "INSERT INTO features VALUES ('enable_organizations', true); UPDATE workspaces SET organization_id = 1;"
        "INSERT INTO groups (organization_id, name) VALUES (1, 'On-Call'), (1, 'carol');"
        "INSERT INTO group_members (group_id, user_id) SELECT 1, user_id FROM organization_members;"
        "INSERT INTO group_members (group_id, user_id) VALUES (2, 2)"
    )

    async def mentioned(content: str, sender: int) -> list[int] | None:
        message = await world.post(content, sender)
        found: list[int] | None = await sql.fetchval("SELECT mentions FROM messages WHERE id = $1", message)
        return found

    # Dave is in the group, and not in the chat.
    assert await mentioned("@on-call?", world.alice) == [world.bob, world.carol]
    assert await mentioned("@bob and @on-call", world.carol) == [world.alice, world.bob]
    assert await mentioned("`@on-call`", world.alice) is None
    assert await mentioned("@carol", world.alice) == [world.carol]  # the member, not the group
    assert await sql.fetchval("SELECT count(*) FROM mentions WHERE user_id = $1", world.bob) == 2

    # More than a hundred are mentioned by the chat's admins alone.
    await world.add_crowd(100)
    everybody = "SELECT 1, user_id FROM organization_members ON CONFLICT DO NOTHING"
    await sql.execute(f"INSERT INTO group_members (group_id, user_id) {everybody}")
    assert await mentioned("@on-call", world.carol) is None
    assert len(await mentioned("@on-call", world.alice) or []) == 102
    await sql.execute("UPDATE features SET enabled = false")
    assert await mentioned("@on-call", world.alice) is None
