"""The example bots run as they stand, each as a process of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.chat_server.integrations.slack.team import Team, team_with_bot
from tests.chat_server.people import ChatServer, chat_server_on, ok, settings
from tests.sql.world import until
from tests.support.postgres import Database
from tests.support.servers import ROOT, free_port

pytestmark = pytest.mark.chat_server(features={"enable_bot_messages": True})


@asynccontextmanager
async def running(name: str, *arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, str(ROOT / "client" / "examples" / f"{name}.py"), *arguments]
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "client"), **environment}
    process = await asyncio.create_subprocess_exec(*command, env=kept, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def contents(team: Team) -> list[str]:
    return [one["content"] for one in ok(await team.ada.api.get(f"/api/chats/{team.chat}/messages"))]


async def test_a_bot_made_with_bolt(database: Database, keys: Path) -> None:
    port = free_port()
    allowed = {"allow_hosts": [f"127.0.0.1:{port}"]}
    configured = settings(database.chat_url, keys, features={"enable_bot_messages": True}, integrations=allowed)
    async with chat_server_on(configured) as server:
        team = await team_with_bot(server)
        endpoint = f"/api/bots/{team.bot}/endpoint"
        url = {"url": f"http://127.0.0.1:{port}/slack/events"}
        made = ok(await team.ada.api.put(endpoint, json=url))
        command = {"name": "deploy", "description": "Deploys a branch."}
        ok(await team.ada.api.post(f"/api/bots/{team.bot}/commands", json=command), 201)
        secrets = {"BOT_TOKEN": str(team.slack.token), "BOT_SECRET": made["slack_secret"]}
        async with running("bot_deploys", server.url, str(port), **secrets):

            async def listens() -> bool:
                answer = await team.ada.api.put(f"{endpoint}/events", json={"events": ["app_mention"]})
                return answer.status_code == 200

            await until(listens, "the bot listens")
            run = {"name": "deploy", "text": "faster"}
            ok(await team.grace.api.post(f"/api/chats/{team.chat}/commands", json=run))

            async def asked() -> bool:
                return await contents(team) == ["Deploy `faster`?"]

            await until(asked, "the bot has asked")
            path = f"/api/chats/{team.chat}/messages/{(await team.newest())['id']}/actions"
            ok(await team.grace.api.post(path, json={"action_id": "approve"}))

            async def deployed() -> bool:
                return await contents(team) == ["`faster` is deployed for @grace"]

            await until(deployed, "the bot has edited its message")
            await team.grace.say(team.chat, "@builds how?")

            async def told() -> bool:
                return (await contents(team))[0] == "Type `/deploy BRANCH`."

            await until(told, "the bot has answered")


async def test_a_bot_that_sums_up_a_day(chat_server: ChatServer) -> None:
    team = await team_with_bot(chat_server)
    for words in ("one", "two"):
        await team.grace.say(team.chat, words)
    for _ in range(2):  # once a day, however often it is run
        async with running("bot_digest", chat_server.url, str(team.chat), BOT_TOKEN=str(team.slack.token)) as process:
            _, failure = await process.communicate()
            assert process.returncode == 0, failure.decode()
        assert (await contents(team)) == ["**2 messages since yesterday**\n- Grace: 2", "two", "one"]


async def test_a_bot_that_tells_of_failures(chat_server: ChatServer) -> None:
    team = await team_with_bot(chat_server)
    wish = {"chat_id": team.chat, "name": "backup"}
    made = ok(await team.ada.api.post(f"/api/bots/{team.bot}/webhooks", json=wish), 201)
    for script, status in (("exit 0", 0), ("echo no space; exit 3", 3)):
        async with running("bot_watch", "sh", "-c", script, HOOK_URL=made["slack_url"]) as process:
            await process.communicate()
            assert process.returncode == status
    assert await contents(team) == ["`sh -c 'echo no space; exit 3'` ended with status 3\n```\nno space\n```"]
