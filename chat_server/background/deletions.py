"""Deletions of people: an account is taken from its person at once, and the rest is erased part by part."""

import asyncio

import structlog

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query

DELETION_PREVIEW = query("deletion_preview", "person")
DELETION_STATE = query("deletion_state", "person")
DELETIONS_UNFINISHED = query("deletions_unfinished", "after", "limit")
PERSON_DELETE = query("person_delete", "person", "organization")
PERSON_ERASE = query("person_erase", "person", "batch")
PERSON_ERASE_TRIED = query("person_erase_tried", "person", "batch")

PERIOD_SECONDS = 60

# Messages deleted in one transaction, which locks their chats' rows where it counts them.
MESSAGES_AT_ONCE = 200
PEOPLE_AT_ONCE = 100
# Transactions for one person before it is another one's turn.
BATCHES_AT_ONCE = 20

_log = structlog.get_logger()


async def erase_person(connection: Connection | Pool, person: int) -> None:
    """Erases what is theirs, in as many transactions as it takes. What holds keep is left."""
    while not await PERSON_ERASE.value(connection, person=person, batch=MESSAGES_AT_ONCE):
        pass


async def keep_erasing(pool: Pool) -> None:
    """Runs until cancelled, beside all other maintenance, which does not wait for it. Failures, such as an unavailable
    database, are logged and retried."""
    while True:
        more = False
        try:
            more = await erase_people(pool)
        except Exception as error:
            _log.warning("deletions failed", error=f"{type(error).__name__}: {error}")
        if not more:
            await asyncio.sleep(PERIOD_SECONDS)


async def erase_people(pool: Pool, batches: int = BATCHES_AT_ONCE) -> bool:
    """Whether there is more to do after this round, which goes on with each unfinished deletion by at most `batches`
    transactions: neither a large one nor one that fails makes the others wait. It ends where another server erases."""
    after, more = 0, False
    while rows := await DELETIONS_UNFINISHED.rows(pool, after=after, limit=PEOPLE_AT_ONCE):
        for row in rows:
            try:
                done = await _erase_next(pool, row["user_id"], batches)
            except Exception as error:
                _log.warning("deletion failed", user=row["user_id"], error=f"{type(error).__name__}: {error}")
                continue
            if done is None:
                return False
            more = more or not done
        after = rows[-1]["user_id"]
    return more


async def _erase_next(pool: Pool, person: int, batches: int) -> bool | None:
    """Whether nothing is left but what holds keep; None: another server erases."""
    for _ in range(batches):
        done: bool | None = await PERSON_ERASE_TRIED.value(pool, person=person, batch=MESSAGES_AT_ONCE)
        if done is not False:
            return done
    return False
