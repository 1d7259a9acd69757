"""A bot that answers "ping": `python bot.py CHAT_URL NOTIFY_URL EMAIL`, with the password in $CHAT_PASSWORD."""

import asyncio
import os
import sys

from fechatter_client import Client, NewMessage


async def main(chat_url: str, notify_url: str, email: str) -> None:
    async with Client(chat_url, notify_url) as client:
        me = await client.sign_in(email, os.environ["CHAT_PASSWORD"])
        async for event in client.events():
            match event.data:
                case NewMessage(content="ping") as asked if asked.sender_id != me.id:
                    # The key is derived from the question, so restarts of the bot cause no second answer.
                    await client.messages.post(asked.chat_id, "pong", idempotency_key=f"pong-{asked.id}")
            print(event.kind, flush=True)


asyncio.run(main(*sys.argv[1:]))
