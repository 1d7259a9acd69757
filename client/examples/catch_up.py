"""Catch up after being away: `python catch_up.py CHAT_URL NOTIFY_URL EMAIL STATE`.

The file STATE keeps the session (a secret) and the last cursor. The first run signs in, with the password in
$CHAT_PASSWORD. Later runs print what they have missed, then live events, until they are stopped.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from fechatter_client import Client, NewMessage


class State(dict[str, str]):
    """Stored in a file, and read from it if it exists."""

    def __init__(self, path: Path) -> None:
        super().__init__(json.loads(path.read_text()) if path.exists() else {})
        self._path = path

    def keep(self, **news: str) -> None:
        self.update(news)
        written = self._path.with_suffix(".new")
        written.touch(mode=0o600)
        written.write_text(json.dumps(self))
        written.replace(self._path)  # the old or the new content, never half of one


async def main(chat_url: str, notify_url: str, email: str, file: str) -> None:
    state = State(Path(file))

    def keep(token: str) -> None:
        state.keep(refresh_token=token)

    async with Client(chat_url, notify_url, on_refresh_token=keep) as client:
        if "refresh_token" in state:
            await client.resume(state["refresh_token"])
        else:
            await client.sign_in(email, os.environ["CHAT_PASSWORD"])
        async for event in client.events(state.get("cursor")):
            match event.data:
                case NewMessage(content=content):
                    print(content, flush=True)
            state.keep(cursor=event.cursor)  # after it has been processed


asyncio.run(main(*sys.argv[1:]))
