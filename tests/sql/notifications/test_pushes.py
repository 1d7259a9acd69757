"""How much is read to send a few pushes of many, and whose they are."""

from tests.sql.world import World

CLAIM = "SELECT user_id FROM claim_pushes(50, 60, '1 day', $1, '{}', 4, 25)"
READ = (
    "SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0) FROM pg_stat_xact_user_tables "
    "WHERE relname IN ('push_outbox', 'push_subscriptions')"
)
# A device of everybody, at a host of their own, and 500 groups of all with a message in each.
FILL = """
SET session_replication_role = replica;
INSERT INTO sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM users;
INSERT INTO push_subscriptions (user_id, session_id, endpoint, public_key, secret, language)
SELECT user_id, id, 'https://host' || user_id || '.example/', decode(repeat('00', 65), 'hex'),
       decode(repeat('00', 16), 'hex'), 'en'
FROM sessions;
INSERT INTO chats (id, workspace_id, type, name, member_count, last_seq) OVERRIDING SYSTEM VALUE
SELECT n, 1, 'Group', 'chat ' || n, 1, 1 FROM generate_series(1001, 1500) n;
INSERT INTO chat_members (chat_id, user_id, workspace_id, role, last_read_seq)
SELECT c.id, u.id, 1, 'member', 0 FROM chats c, users u WHERE c.id > 1000;
INSERT INTO messages (id, chat_id, seq, sender_id, content) OVERRIDING SYSTEM VALUE
SELECT id, id, 1, 1, 'x' FROM chats WHERE id > 1000;
SET session_replication_role = origin;
"""
# In so many of the groups.
DUE = """
INSERT INTO push_outbox (subscription_id, chat_id, first_message_id, message_id, due_at)
SELECT s.id, n, n, n, now() - $3::text::interval
FROM push_subscriptions s, generate_series(1001, 1000 + $2::int) n WHERE s.user_id = ANY ($1)
"""


async def test_a_claim_reads_little_and_nobodys_many_keep_others_waiting(world: World) -> None:
    sql = world.sql
    for _ in range(6):  # its plans are made while there is nothing
        assert await sql.fetch(CLAIM, []) == []
    await world.add_crowd(10)
    await sql.execute(FILL)
    crowd = [user for (user,) in await world.rows("SELECT id FROM users WHERE email LIKE 'u%' ORDER BY id")]
    many, last = crowd[:9], crowd[9]
    await sql.execute(DUE, many, 500, "1 hour")
    await sql.execute(DUE, [last], 1, "1 minute")
    people: list[int] = []
    calls = 0
    while last not in people:
        async with sql.transaction():
            before = await sql.fetchval(READ)
            claimed = [row["user_id"] for row in await sql.fetch(CLAIM, people)]
            assert calls or await sql.fetchval(READ) - before < 3000, "it reads all that is due"
        assert claimed
        people += claimed
        calls += 1
    assert calls < 6
    assert {people.count(one) for one in people} == {4, 1}
