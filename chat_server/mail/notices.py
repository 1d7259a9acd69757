"""Who is mailed of which message: decided in the database (sql/functions/notifications/unread_mails.sql), by steps
that the first worker takes. Several servers may do it; each step is one's alone."""

import asyncio
from typing import Final

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_server.mail.outbox import Outbox

# How often the log, and what is due, is looked at.
LOOK_SECONDS = 2.0
EVENTS_AT_ONCE: Final = 500
NOTICES_AT_ONCE: Final = 100

MAILS_FOLLOW = query("mails_follow", "amount")
MAIL_NOTICES_SETTLE = query("mail_notices_settle", "amount")

_log = structlog.get_logger()


async def keep_noticing(pool: Pool, outbox: Outbox) -> None:
    """Runs until cancelled. A failure, such as an unavailable database, is logged once, until it works again."""
    failing = False
    while True:
        try:
            while await MAILS_FOLLOW.value(pool, amount=EVENTS_AT_ONCE) == EVENTS_AT_ONCE:
                pass
            while await MAIL_NOTICES_SETTLE.value(pool, amount=NOTICES_AT_ONCE):
                outbox.wake()
            failing = False
        except Exception as error:
            if not failing:
                _log.warning("deciding about mails failed", error=f"{type(error).__name__}: {error}")
            failing = True
        await asyncio.sleep(LOOK_SECONDS)
