"""The examples of the SDK for JavaScript run as they stand, each as a process of its own."""

import asyncio
import os
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fechatter_client import Client

from tests.client.conftest import People
from tests.client.test_examples import line
from tests.end_to_end.system import PASSWORD
from tests.support.servers import ROOT

EXAMPLES = ROOT / "client-js" / "examples"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


@asynccontextmanager
async def running(people: People, client: Client, name: str, *arguments: str) -> AsyncIterator[Process]:
    assert NODE is not None
    urls = (people.system.chat.url, people.system.notify.url)
    command = [NODE, str(EXAMPLES / f"{name}.mjs"), *urls, people.users[client].email, *arguments]
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "CHAT_PASSWORD": PASSWORD}, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_each_does_what_it_says(people: People, tmp_path: Path) -> None:
    ada, grace = await people.sign_up("Ada"), await people.sign_up("Grace")
    chat = await people.chat(ada, grace)
    notes = tmp_path / "notes.txt"
    notes.write_bytes(b"x" * 600_000)
    async with running(people, grace, "follow") as follow, running(people, grace, "replica") as replica:
        assert (await line(follow), await line(replica)) == ("chats: lunch", "unread: 0")
        async with running(people, ada, "post", "lunch", "Noon?") as post:
            assert await line(post) == "posted as message 1 in lunch"
        assert (await line(follow), await line(replica)) == (f"chat {chat.id}: Noon?", "unread: 1")
        async with running(people, ada, "outbox", str(chat.id), "one", "two") as outbox:
            assert (await line(outbox), await line(outbox)) == ("2: one", "3: two")
            assert await outbox.wait() == 0
        async with running(people, ada, "share", str(chat.id), str(notes)) as share:
            assert await line(share) == "524288 of 600000 bytes"
            assert await line(share) == "600000 of 600000 bytes"
            assert await line(share) == "posted notes.txt as message 4"
        assert [await line(follow) for _ in range(2)] == [f"chat {chat.id}: {text}" for text in ("one", "two")]
        assert [await line(replica) for _ in range(2)] == ["unread: 2", "unread: 3"]
    [file] = (await anext(ada.messages.newest(chat.id))).files
    assert await ada.files.fetch(file.id) == notes.read_bytes()
