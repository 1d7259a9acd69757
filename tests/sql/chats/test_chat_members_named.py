"""Who is offered while a name is typed."""

from tests.sql.world import World

PEOPLE = {
    "zoe": "Zoé Ångström",
    "adam": "Adam Zoellner",
    "lin": "林小明",
    "anna": "Anna-Lena O'Neill",
    "per_cent": "100% Proof",
}
# In a large channel, parts of names are found among those who posted alone.
LARGE = """
INSERT INTO users (email, username, fullname, password_hash)
SELECT 'many' || n || '@example.com', 'many' || n, 'One of Many ' || n, '' FROM generate_series(1, 2500) n;
INSERT INTO workspace_members (workspace_id, user_id, role)
SELECT 1, id, 'member' FROM users WHERE username LIKE 'many%';
INSERT INTO chat_members (chat_id, user_id, workspace_id, role, last_read_seq)
SELECT 1, id, 1, 'member', 0 FROM users WHERE username LIKE 'many%';
UPDATE chats SET member_count = (SELECT count(*) FROM chat_members WHERE chat_id = 1) WHERE id = 1;
ANALYZE
"""


# Somebody in the chat.
MEMBER = """
WITH made AS (INSERT INTO users (email, username, fullname, password_hash)
              VALUES ($1 || '@example.com', $1, $2, '') RETURNING id),
     joined AS (INSERT INTO workspace_members (workspace_id, user_id, role) SELECT 1, id, 'member' FROM made),
     entered AS (INSERT INTO chat_members (chat_id, user_id, workspace_id, role, last_read_seq)
                 SELECT 1, id, 1, 'member', 0 FROM made)
SELECT id FROM made
"""
POSTED = "INSERT INTO messages (chat_id, sender_id, content) VALUES (1, $1, 'x')"


async def test_people_are_found_by_the_beginnings_of_their_names(world: World) -> None:
    await world.sql.execute("SET session_replication_role = replica")
    ids = {username: await world.sql.fetchval(MEMBER, username, fullname) for username, fullname in PEOPLE.items()}
    await world.sql.execute("UPDATE chats SET member_count = member_count + $1 WHERE id = 1", len(PEOPLE))
    names = {number: name for name, number in ids.items()}
    stranger = "INSERT INTO users (email, username, fullname, password_hash) VALUES ($1, 'zo', 'Zo', '') RETURNING id"
    names[await world.sql.fetchval(stranger, "z@x.de")] = "in other chats"

    async def found(name: str, most: int = 20) -> list[str]:
        rows = await world.rows("SELECT chat_members_named(1, $1, $2)", name, most)
        return [names[row[0]] for row in rows if row[0] in names]

    for size in ("small", "large"):
        assert "in other chats" not in await found("zo")
        assert await found("ZOE") == ["adam", "zoe"]
        assert await found("z", 1) in (["adam"], ["zoe"])
        assert await found("angs") == ["zoe"]
        assert await found("zoé å") == ["zoe"]
        assert await found("林") == ["lin"]
        assert await found("len") == await found("neill") == (["anna"] if size == "small" else [])
        assert await found("小明") == (["lin"] if size == "small" else [])
        assert await found("per_") == ["per_cent"]
        assert await found("100%") == ["per_cent"]
        assert await found("%") == await found("_") == await found("ellner") == []
        if size == "small":
            await world.sql.execute(LARGE)

    # Who posted last comes first, and is found in a large chat however they are named.
    await world.sql.execute("SET session_replication_role = origin")
    for username in ("zoe", "lin", "anna"):
        await world.sql.execute(POSTED, ids[username])
    assert await found("zo") == ["zoe", "adam"]
    assert await found("小明") == ["lin"]
    assert await found("len") == await found("neill") == ["anna"]
    await world.sql.execute("UPDATE users SET status = 'inactive' WHERE id = $1", ids["zoe"])
    assert await found("zo") == ["adam"]
