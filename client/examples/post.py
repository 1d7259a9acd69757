"""Sign in and post: `python post.py CHAT_URL NOTIFY_URL EMAIL CHAT TEXT`, with the password in $CHAT_PASSWORD."""

import asyncio
import os
import sys

from fechatter_client import Client


async def main(chat_url: str, notify_url: str, email: str, name: str, text: str) -> None:
    async with Client(chat_url, notify_url) as client:
        await client.sign_in(email, os.environ["CHAT_PASSWORD"])
        async for chat in client.chats.list():
            if chat.name == name:
                message = await client.messages.post(chat.id, text)
                print(f"posted as message {message.seq} in {chat.name}")


asyncio.run(main(*sys.argv[1:]))
