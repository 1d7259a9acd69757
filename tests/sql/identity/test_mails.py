"""Taking mails to send them, in SQL."""

import asyncio

import pytest

from chat_core.database.queries import query
from tests.sql.world import World, blocked

MAILS_CLAIM = query("mails_claim", "limit", "seconds")
# The query of the server, which begins, and then waits before it takes anything.
WAITS = (
    "SELECT claimed.* FROM (SELECT 10 + count(*)::int AS most FROM pg_advisory_xact_lock(7)) w, LATERAL ({}) claimed"
)


async def test_the_mail_of_an_account_that_is_made_meanwhile_is_not_forgotten(world: World) -> None:
    """What is taken is nobody else's for minutes, so whoever takes it has to be told of it."""
    taking, making = await world.connect(), await world.connect()
    transaction = making.transaction()
    await transaction.start()
    await making.execute("SELECT pg_advisory_xact_lock(7)")
    claim = MAILS_CLAIM.sql.strip().rstrip(";").replace("$1", "w.most").replace("$2", "60")
    waiting = asyncio.create_task(taking.fetch(WAITS.format(claim)))
    await blocked(world, taking)
    await making.execute("SELECT create_user('Frank', 'frank@example.com')")
    await making.execute(
        "SELECT add_link_mail('verify_address', email, id, 'en', '{}', 5) FROM users WHERE email = 'frank@example.com'"
    )
    await transaction.commit()
    assert [mail["recipient"] for mail in await waiting] == ["frank@example.com"]


@pytest.mark.parametrize(
    ("since", "is_good"),
    [
        ("SELECT 1", True),
        ("UPDATE mails SET expires_at = now()", False),
        ("UPDATE mails SET used_at = now()", False),
        ("UPDATE mails SET kind = 'verify_address'", False),
        ("UPDATE users SET email = 'another@example.com' WHERE email = 'eve@example.com'", False),
        ("UPDATE users SET status = 'suspended' WHERE email = 'eve@example.com'", False),
    ],
)
async def test_a_link_is_good_for_its_time_once_for_its_purpose_and_for_who_has_the_address(
    world: World, since: str, is_good: bool
) -> None:
    seed = await world.sql.fetchval(
        "INSERT INTO mails (kind, recipient, user_id, language, expires_at) "
        "VALUES ('password_reset', 'eve@example.com', $1, 'en', now() + interval '1 hour') RETURNING seed",
        world.eve,
    )
    await world.sql.execute(since)
    reset = await world.sql.fetchval("SELECT reset_password_by_mail($1, 'new')", seed)
    assert reset == (world.eve if is_good else None)
    assert (await world.sql.fetchval("SELECT password_hash FROM users WHERE id = $1", world.eve) == "new") == is_good
