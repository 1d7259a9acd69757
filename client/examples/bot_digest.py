"""A bot that sums up the last day of a chat: `python bot_digest.py CHAT_URL CHAT_ID`, once a day, by cron or a timer.

Its token is in $BOT_TOKEN, with the scopes messages:read, messages:write and workspaces:read.
"""

import asyncio
import os
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

from fechatter_client import Client, Problem


async def main(chat_url: str, chat_id: int) -> None:
    since = datetime.now(UTC) - timedelta(days=1)
    async with Client(chat_url, chat_url, token=os.environ["BOT_TOKEN"]) as client:
        said: Counter[int] = Counter()
        async for message in client.messages.newest(chat_id):
            if message.created_at < since:
                break
            said[message.sender_id] += 1
        people = {one.id: one for one in await client.users.by_ids(said)}
        lines = [f"- {people[who].fullname}: {many}" for who, many in said.most_common(10) if who in people]
        digest = f"**{said.total()} messages since yesterday**\n" + "\n".join(lines)
        # Once a day, however often it is run: a later digest counts more, so it is another message under the same key.
        try:
            await client.messages.post(chat_id, digest, idempotency_key=f"digest-{since.date()}")
        except Problem as problem:
            if problem.code != "idempotency_conflict":
                raise


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
