"""Taking mails to send them, in SQL."""

import asyncio

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
