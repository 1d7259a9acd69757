"""The examples run as they stand, each as a process of its own."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fechatter_client import Client

from tests.client.conftest import People
from tests.client.following import SECONDS, until_kind, until_message
from tests.end_to_end.system import PASSWORD
from tests.support.servers import ROOT

EXAMPLES = ROOT / "client" / "examples"


@asynccontextmanager
async def running(people: People, client: Client, name: str, *arguments: str) -> AsyncIterator[Process]:
    urls = (people.system.chat.url, people.system.notify.url)
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *urls, people.users[client].email, *arguments]
    environment = {"CHAT_PASSWORD": PASSWORD, "PYTHONPATH": str(ROOT / "client")}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(SECONDS):
        return (await process.stdout.readline()).decode().rstrip()


async def test_sign_in_and_post(people: People) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    async with running(people, ada, "post", "lunch", "Noon?") as process:
        assert await line(process) == "posted as message 1 in lunch"
        assert await process.wait() == 0
    assert [m.content async for m in ada.messages.newest(chat.id)] == ["Noon?"]


async def test_share_a_file(people: People, tmp_path: Path) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    path = tmp_path / "notes.txt"
    path.write_bytes(b"x" * 5_000_000)
    begun = await ada.files.begin(chat.workspace_id, 5_000_000, "notes.txt")
    await ada.files.append(begun, b"x" * 1_000_000)
    (tmp_path / "notes.txt.upload").write_text(begun.id)
    async with running(people, ada, "share", "lunch", str(path)) as process:
        assert await line(process) == "5000000 of 5000000 bytes"
        assert await line(process) == "posted notes.txt (text/plain) as message 1 in lunch"
        assert await process.wait() == 0
    [file] = (await anext(ada.messages.newest(chat.id))).files
    assert await ada.files.fetch(file.id) == path.read_bytes()


async def test_follow_events(people: People) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    async with running(people, ada, "follow") as process:
        assert await line(process) == "chats: lunch"
        assert (await line(process)).endswith(" ready")
        await ada.messages.post(chat.id, "Noon?")
        while not (told := await line(process)).endswith(f" chat {chat.id}: Noon?"):
            assert told.endswith(" PresenceChanged")


async def test_a_bot_that_answers(people: People) -> None:
    ada, robot = await people.sign_up("Ada"), await people.sign_up("Robot")
    chat = await people.chat(ada, robot)
    events = ada.events()
    await until_kind(events, "ready")
    async with running(people, robot, "bot") as process:
        assert await line(process) == "ready"
        await ada.messages.post(chat.id, "ping")
        answered = await until_message(events, "pong")
    assert answered[-1].data.sender_id == people.users[robot].id


async def test_catch_up_after_being_away(people: People, tmp_path: Path) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    state = tmp_path / "state.json"
    async with running(people, ada, "catch_up", str(state)) as process:
        while not (state.exists() and "cursor" in json.loads(state.read_text())):
            await ada.users.me()
        first = json.loads(state.read_text())["cursor"].partition(".")[2]
        await ada.messages.post(chat.id, "seen")
        assert await line(process) == "seen"
        while json.loads(state.read_text())["cursor"].partition(".")[2] == first:
            await ada.users.me()
    assert state.stat().st_mode & 0o077 == 0
    for text in ("missed", "missed too"):
        await ada.messages.post(chat.id, text)
    async with running(people, ada, "catch_up", str(state)) as process:
        assert [await line(process), await line(process)] == ["missed", "missed too"]


async def test_export_a_history(people: People) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    posted = [await ada.messages.post(chat.id, str(number)) for number in range(3)]
    async with running(people, ada, "export", str(chat.id)) as process:
        exported = [json.loads(await line(process)) for _ in posted]
        assert await process.wait() == 0
    assert [message["content"] for message in exported] == ["0", "1", "2"]
    assert [message["id"] for message in exported] == [message.id for message in posted]
