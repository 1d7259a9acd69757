"""Follow events: `python follow.py CHAT_URL NOTIFY_URL EMAIL`, with the password in $CHAT_PASSWORD."""

import asyncio
import os
import sys

from fechatter_client import Client, NewMessage, Snapshot


async def main(chat_url: str, notify_url: str, email: str) -> None:
    async with Client(chat_url, notify_url) as client:
        await client.sign_in(email, os.environ["CHAT_PASSWORD"])
        async for event in client.events(snapshot=True):
            match event.data:
                case Snapshot(chats=chats):
                    print("chats:", *(chat.name for chat in chats), flush=True)
                case NewMessage(chat_id=chat_id, content=content):
                    print(f"{event.cursor} chat {chat_id}: {content}", flush=True)
                case _:
                    print(event.cursor, event.kind, flush=True)


asyncio.run(main(*sys.argv[1:]))
