"""Upload a file and post it: `python share.py CHAT_URL NOTIFY_URL EMAIL CHAT FILE`, with the password in
$CHAT_PASSWORD. Run again after an interruption, it continues where it was: the upload's id is in FILE.upload."""

import asyncio
import os
import sys
from pathlib import Path

from fechatter_client import Client, UploadState


def unfinished(noted: Path) -> str | None:
    return noted.read_text() if noted.exists() else None


async def main(chat_url: str, notify_url: str, email: str, name: str, file: str) -> None:
    path, noted = Path(file), Path(f"{file}.upload")

    def show(state: UploadState) -> None:
        noted.write_text(state.id)
        print(f"{state.received} of {state.size} bytes", flush=True)

    async with Client(chat_url, notify_url) as client:
        await client.sign_in(email, os.environ["CHAT_PASSWORD"])
        async for chat in client.chats.list():
            if chat.name == name:
                resume = await asyncio.to_thread(unfinished, noted)
                uploaded = await client.files.upload(chat.workspace_id, path, on_progress=show, resume=resume)
                message = await client.messages.post(chat.id, files=[uploaded.id])
                await asyncio.to_thread(noted.unlink)
                print(f"posted {uploaded.name} ({uploaded.type}) as message {message.seq} in {chat.name}")


asyncio.run(main(*sys.argv[1:]))
