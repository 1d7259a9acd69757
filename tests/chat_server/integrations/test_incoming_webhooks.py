"""Incoming webhooks: our JSON, and what programs made for Slack send."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.chat_server.integrations.test_bots import bot_of, chat_with
from tests.chat_server.people import ChatServer, Json, Person, ok, problem
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database

NODE = Path(__file__).parents[2] / "node"

pytestmark = pytest.mark.chat_server(lent=True, features={"enable_bot_messages": True})


class Hook:
    """A bot's webhook in a chat of two people. `slacks` is a program that knows Slack's answers, and not our page."""

    def __init__(
        self, server: ChatServer, slacks: httpx.AsyncClient, ada: Person, bot: int, chat: int, made: Json
    ) -> None:
        self.server, self.slacks, self.ada, self.bot, self.chat, self.made = server, slacks, ada, bot, chat, made
        self.path = f"/api/hooks/{made['id']}"
        self.slack = f"{self.path}/{made['token']}"

    async def newest(self) -> Json:
        (message,) = ok(await self.ada.api.get(f"/api/chats/{self.chat}/messages", params={"limit": 1}))
        found: Json = message
        return found


@pytest.fixture
async def hook(chat_server: ChatServer) -> AsyncIterator[Hook]:
    ada, grace = await chat_server.team("Ada", "Grace")
    bot = (await bot_of(ada, f"builds{ada.id}"))["id"]
    chat = await chat_with(bot, ada, grace)
    made = ok(await ada.api.post(f"/api/bots/{bot}/webhooks", json={"chat_id": chat, "name": "ci"}), 201)
    async with plain_http(base_url=chat_server.url) as slacks:
        yield Hook(chat_server, slacks, ada, bot, chat, made)


async def test_a_program_posts_with_the_secret(hook: Hook) -> None:
    anybody, headers = hook.server.anybody, {"Authorization": f"Bearer {hook.made['token']}"}
    body = {"content": "**green**", "metadata": {"username": "ci"}}
    once = {**headers, "Idempotency-Key": "build-7"}
    posted = ok(await anybody.post(hook.path, json=body, headers=once), 201)
    assert (posted["sender_id"], posted["content"], posted["metadata"]) == (hook.bot, "**green**", {"username": "ci"})
    assert ok(await anybody.post(hook.path, json=body, headers=once))["id"] == posted["id"]
    problem(await anybody.post(hook.path, json={"content": "red"}, headers=once), 409, "idempotency_conflict")
    problem(await anybody.post(hook.path, json=body), 401, "unauthorized")
    problem(await anybody.post(hook.path, json=body, headers={"Authorization": "Bearer x"}), 401, "unauthorized")
    problem(await anybody.post(hook.path, json={"content": ""}, headers=headers), 422, "validation_failed")
    shown = ok(await hook.ada.api.get(f"/api/bots/{hook.bot}/webhooks"))
    assert [each["name"] for each in shown] == ["ci"]
    assert shown[0]["last_used_at"] is not None
    assert hook.made["token"] not in json.dumps(shown)


@pytest.mark.chat_server(features={"enable_bot_messages": True, "enable_advanced_admin": True})
async def test_what_a_rule_blocks_is_held_and_said_in_slacks_word(hook: Hook) -> None:
    workspace = f"/api/workspaces/{hook.ada.workspace}"
    words = {"name": "w", "kind": "words", "words": ["falcon"], "action": "block"}
    ok(await hook.ada.api.post(f"{workspace}/dlp-rules", json=words), 201)
    refused = await hook.slacks.post(hook.slack, json={"text": "the falcon"})
    assert (refused.status_code, refused.text) == (403, "action_prohibited")
    headers = {"Authorization": f"Bearer {hook.made['token']}"}
    refused = await hook.server.anybody.post(hook.path, json={"content": "a falcon"}, headers=headers)
    problem(refused, 422, "said_is_blocked")
    held = ok(await hook.ada.api.get(f"{workspace}/held-messages"))
    assert [(one["content"], one["sender_id"]) for one in held] == [("a falcon", hook.bot), ("the falcon", hook.bot)]


async def test_it_ends_with_its_deletion_and_waits_while_the_bot_is_not_there(hook: Hook) -> None:
    anybody, headers = hook.server.anybody, {"Authorization": f"Bearer {hook.made['token']}"}
    ok(await hook.ada.api.delete(f"/api/chats/{hook.chat}/members/{hook.bot}"), 204)
    problem(await anybody.post(hook.path, json={"content": "x"}, headers=headers), 403, "forbidden")
    assert (await hook.slacks.post(hook.slack, json={"text": "x"})).text == "channel_not_found"
    path = f"/api/bots/{hook.bot}/webhooks"
    wish = {"chat_id": hook.chat, "name": "ci"}
    problem(await hook.ada.api.post(path, json=wish), 422, "incoming_webhooks_bot_is_member")
    ok(await hook.ada.api.delete(f"{path}/{hook.made['id']}"), 204)
    problem(await hook.ada.api.delete(f"{path}/{hook.made['id']}"), 404, "not_found")
    problem(await anybody.post(hook.path, json={"content": "x"}, headers=headers), 401, "unauthorized")
    answer = await hook.slacks.post(hook.slack, json={"text": "x"})
    assert (answer.status_code, answer.text) == (404, "no_service")


async def test_a_suspended_bots_webhook_posts_nothing(hook: Hook, database: Database) -> None:
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", hook.bot)
    headers = {"Authorization": f"Bearer {hook.made['token']}"}
    problem(await hook.server.anybody.post(hook.path, json={"content": "x"}, headers=headers), 401, "unauthorized")
    assert (await hook.slacks.post(hook.slack, json={"text": "x"})).text == "no_service"


async def test_what_was_made_for_slack_posts_here(hook: Hook) -> None:
    assert hook.made["slack_url"].endswith(hook.slack)
    text = "*green* _well_ ~slow~ <https://ci.example/7|build 7> <!here> `*x*` &lt;b&gt; 2*3*4"
    answer = await hook.slacks.post(hook.slack, json={"text": text, "username": "ci", "icon_emoji": ":gear:"})
    assert (answer.status_code, answer.text, answer.headers["content-type"][:10]) == (200, "ok", "text/plain")
    message = await hook.newest()
    assert message["content"] == "**green** _well_ ~~slow~~ [build 7](https://ci.example/7) @here `*x*` <b> 2*3*4"
    assert message["metadata"] == {"username": "ci", "icon_emoji": ":gear:"}

    form = {"payload": json.dumps({"text": "by a form"})}
    assert (await hook.slacks.post(hook.slack, data=form)).text == "ok"
    assert (await hook.newest())["content"] == "by a form"

    attachment = {
        "pretext": "Look:",
        "title": "Build 7",
        "title_link": "https://ci.example/7",
        "text": "took *3 s*",
        "fields": [{"title": "Branch", "value": "main"}],
        "footer": "ci",
    }
    assert (await hook.slacks.post(hook.slack, json={"attachments": [attachment]})).text == "ok"
    assert (await hook.newest())["content"] == (
        "Look:\n> **[Build 7](https://ci.example/7)**\n> took **3 s**\n> **Branch** main\n> ci"
    )

    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Deployed"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*v2* is out"},
            "fields": [{"type": "mrkdwn", "text": "a"}],
        },
        {"type": "divider"},
        {"type": "image", "alt_text": "graph", "image_url": "https://ci.example/g.png"},
        {"type": "context", "elements": [{"type": "plain_text", "text": "by"}, {"type": "mrkdwn", "text": "_ci_"}]},
        {"type": "video", "title": "unknown"},
    ]
    assert (await hook.slacks.post(hook.slack, json={"text": "fallback", "blocks": blocks})).text == "ok"
    assert (await hook.newest())["content"] == (
        "**Deployed**\n**v2** is out\na\n———\n[graph](https://ci.example/g.png)\nby _ci_"
    )


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"", 400, "invalid_payload"),
        (b"{", 400, "invalid_payload"),
        (b"[1]", 400, "invalid_payload"),
        (b"payload=%7B", 400, "invalid_payload"),
        (b"{}", 400, "no_text"),
        (b'{"text": 7, "blocks": 7, "attachments": [7]}', 400, "no_text"),
        (b'{"text": " "}', 400, "no_text"),
    ],
)
async def test_what_slack_would_refuse_is_refused_in_its_words(hook: Hook, body: bytes, status: int, word: str) -> None:
    answer = await hook.slacks.post(hook.slack, content=body)
    assert (answer.status_code, answer.text) == (status, word)


async def test_what_is_too_long_is_cut_and_no_text_is_lost_to_nul(hook: Hook) -> None:
    assert (await hook.slacks.post(hook.slack, json={"text": "x" * 20_000})).text == "ok"
    content = (await hook.newest())["content"]
    assert len(content) == 10_000
    assert content.endswith("…")
    assert (await hook.slacks.post(hook.slack, json={"text": "a\x00b"})).text == "ok"
    assert (await hook.newest())["content"] == "ab"


async def test_slacks_client_from_npm_posts_here(hook: Hook) -> None:
    if shutil.which("node") is None or not (NODE / "node_modules" / "@slack" / "webhook").exists():
        pytest.skip("node is not installed, or `make test` has not fetched tests/node's packages yet")
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "*v2* is out"}}
    messages = ["*green*", {"text": "v2", "blocks": [block]}, {"text": ""}]
    node = await asyncio.create_subprocess_exec(
        *("node", "slack_webhook.mjs", hook.made["slack_url"], *map(json.dumps, messages)),
        cwd=NODE,
        stdout=asyncio.subprocess.PIPE,
    )
    answer, _ = await node.communicate()
    assert json.loads(answer) == ["ok", "ok", "no_text"]
    newest, first = ok(await hook.ada.api.get(f"/api/chats/{hook.chat}/messages"))
    assert (first["content"], first["metadata"]) == ("**green**", {"username": "ci"})
    assert newest["content"] == "**v2** is out"
