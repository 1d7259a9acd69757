"""Uploads a file, with its progress, and posts it in a chat: python share.py CHAT_ID FILE

An upload that is interrupted, even by the end of this program, continues where it was: its id is in FILE.upload.
The servers and the account are in the environment: FECHATTER_URL, FECHATTER_EVENTS, FECHATTER_EMAIL, FECHATTER_PASSWORD.
"""

import asyncio
import os
import sys
from pathlib import Path

from fechatter_client import Client, UploadState


async def main(chat_id: int, path: Path) -> None:
    url = os.environ.get("FECHATTER_URL", "http://127.0.0.1:6688")
    events = os.environ.get("FECHATTER_EVENTS", "http://127.0.0.1:6687")
    noted = path.with_name(path.name + ".upload")

    def show(state: UploadState) -> None:
        noted.write_text(state.id)
        print(f"{state.received} of {state.size} bytes", flush=True)

    async with Client(url, events) as client:
        await client.sign_in(os.environ["FECHATTER_EMAIL"], os.environ["FECHATTER_PASSWORD"])
        chat = await client.chats.get(chat_id)
        resume = noted.read_text() if noted.exists() else None
        file = await client.files.upload(chat.workspace_id, path, on_progress=show, resume=resume)
        noted.unlink(missing_ok=True)
        message = await client.messages.post(chat_id, files=[file.id])
        print(f"message {message.id} has {file.name}, {file.type}, {file.size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
