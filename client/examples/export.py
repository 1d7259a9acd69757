"""Export a chat's history, one JSON object per line, oldest first: `python export.py CHAT_URL NOTIFY_URL EMAIL
CHAT_ID`, with the password in $CHAT_PASSWORD."""

import asyncio
import os
import sys

import msgspec

from fechatter_client import Client


async def main(chat_url: str, notify_url: str, email: str, chat_id: str) -> None:
    async with Client(chat_url, notify_url) as client:
        await client.sign_in(email, os.environ["CHAT_PASSWORD"])
        history = [message async for message in client.messages.newest(int(chat_id))]
        for message in reversed(history):
            print(msgspec.json.encode(message).decode())


asyncio.run(main(*sys.argv[1:]))
