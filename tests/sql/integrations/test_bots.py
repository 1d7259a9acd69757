"""bots: their owners, and who inherits what somebody leaves behind."""

from tests.sql.world import World


async def bot_of(world: World, owner: str) -> int:
    created = "SELECT user_id FROM create_bot($1, $2, 'builds', 'Builds')"
    return int(await world.sql.fetchval(created, world.people[owner], world.acme))


async def test_an_account_that_ends_owns_no_bot_any_more(world: World) -> None:
    bot = await bot_of(world, "bob")
    await world.sql.execute("UPDATE users SET status = 'inactive' WHERE id = $1", world.bob)
    assert await world.rows("SELECT owner_id, status FROM bots JOIN users ON id = user_id") == [(None, "suspended")]
    # A new owner brings it back.
    await world.sql.execute("UPDATE bots SET owner_id = $1", world.alice)
    assert await world.sql.fetchval("SELECT status FROM users WHERE id = $1", bot) == "active"


async def test_a_place_passes_to_a_person_though_a_bot_has_been_there_longer(world: World) -> None:
    bot = await bot_of(world, "alice")
    chat = await world.add_chat("Group", "carol")
    join = "INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)"
    await world.sql.execute(join, chat, bot)
    await world.sql.execute(join, chat, world.dave)
    await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.carol)
    assert await world.rows("SELECT user_id, role FROM chat_members WHERE chat_id = $1 ORDER BY 1", chat) == [
        (world.dave, "owner"),
        (bot, "member"),
    ]
