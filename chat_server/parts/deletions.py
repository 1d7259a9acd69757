"""Deletions of people: an account is taken from its person at once, and the rest is erased part by part."""

import structlog

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query

DELETION_PREVIEW = query("deletion_preview", "person")
DELETION_STATE = query("deletion_state", "person")
DELETIONS_UNFINISHED = query("deletions_unfinished", "after", "limit")
PERSON_DELETE = query("person_delete", "person", "organization")
PERSON_ERASE = query("person_erase", "person", "batch")

# Messages deleted in one transaction, which locks their chats and makes posts there wait.
MESSAGES_AT_ONCE = 200
PEOPLE_AT_ONCE = 100

_log = structlog.get_logger()


async def erase_person(connection: Connection | Pool, person: int) -> None:
    """Erases what is theirs, in as many transactions as it takes. What holds keep is left."""
    while not await PERSON_ERASE.value(connection, person=person, batch=MESSAGES_AT_ONCE):
        pass


async def erase_people(pool: Pool) -> None:
    """Goes on with all deletions that are not finished. One that fails does not make the others wait."""
    after = 0
    while rows := await DELETIONS_UNFINISHED.rows(pool, after=after, limit=PEOPLE_AT_ONCE):
        for row in rows:
            try:
                await erase_person(pool, row["user_id"])
            except Exception as error:
                _log.warning("deletion failed", user=row["user_id"], error=f"{type(error).__name__}: {error}")
        after = rows[-1]["user_id"]
