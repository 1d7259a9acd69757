"""An unmodified Bolt app, only its base URL changed, answers commands and buttons; and what a bot that does not is
answered for."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from asyncpg import Record
from slack_bolt import App
from slack_bolt.app.app import SlackAppDevelopmentServer
from standardwebhooks import Webhook

from chat_server.integrations.slack import events as events_api
from chat_server.integrations.slack.ids import slack_id
from chat_server.routes.integrations import commands
from tests.chat_server.integrations.slack.team import Team, call, team_with_bot
from tests.chat_server.people import Json, chat_server_on, ok, problem, settings
from tests.sql.world import until
from tests.support.postgres import Database
from tests.support.servers import free_port

APPROVE = {
    "type": "actions",
    "block_id": "deploys",
    "elements": [
        {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}, "value": "main"},
        {
            "type": "static_select",
            "action_id": "stage",
            "options": [{"text": {"type": "plain_text", "text": "Test"}, "value": "test"}],
        },
    ],
}


class Bot:
    """A Bolt app of a bot, at an address that the server may ask."""

    def __init__(self, team: Team, port: int, secrets: Json) -> None:
        self.team, self.port, self.secrets = team, port, secrets
        self.app = App(client=team.slack, signing_secret=secrets["slack_secret"])

    @contextmanager
    def running(self) -> Iterator[None]:
        server = SlackAppDevelopmentServer(self.port, "/slack/events", self.app, None, http_server_logger_enabled=False)
        running = threading.Thread(target=server._server.serve_forever, kwargs={"poll_interval": 0.02})
        running.start()
        try:
            yield
        finally:
            server._server.shutdown()
            running.join()
            server._server.server_close()

    async def command(self, name: str, text: str = "") -> Any:
        body = {"name": name, "text": text}
        return await self.team.grace.api.post(f"/api/chats/{self.team.chat}/commands", json=body)

    async def press(self, message: int, **pressed: str) -> Any:
        path = f"/api/chats/{self.team.chat}/messages/{message}/actions"
        return await self.team.grace.api.post(path, json=pressed)


@pytest.fixture
async def bot(database: Database, keys: Path) -> AsyncIterator[Bot]:
    async with bot_of_team(database, keys) as bot:
        yield bot


@asynccontextmanager
async def bot_of_team(database: Database, keys: Path, **sections: Any) -> AsyncIterator[Bot]:
    port = free_port()
    configured = settings(
        database.chat_url,
        keys,
        features={"enable_bot_messages": True},
        integrations={"allow_hosts": [f"127.0.0.1:{port}"]},
        **sections,
    )
    async with chat_server_on(configured) as server:
        team = await team_with_bot(server)
        endpoint = {"url": f"http://127.0.0.1:{port}/slack/events"}
        secrets = ok(await team.ada.api.put(f"/api/bots/{team.bot}/endpoint", json=endpoint))
        command = {"name": "deploy", "description": "Deploys a branch.", "usage": "[branch]"}
        ok(await team.ada.api.post(f"/api/bots/{team.bot}/commands", json=command), 201)
        # Its constructor asks auth.test, while the server answers in this thread.
        yield await asyncio.to_thread(Bot, team, port, secrets)


async def private(team: Team) -> list[str]:
    return [one["content"] for one in ok(await team.grace.api.get("/api/private-answers"))]


async def test_a_bolt_app_answers_a_command_and_a_button(bot: Bot) -> None:
    team, seen = bot.team, list[Json]()

    @bot.app.command("/deploy")
    def deploy(ack: Any, respond: Any, say: Any, command: Json) -> None:
        seen.append(command)
        ack(f"Deploying *{command['text']}*")
        respond(f"<@{command['user_id']}>, it takes a minute.")
        say(text="Deploy main?", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "Deploy?"}}, APPROVE])

    @bot.app.action("approve")
    def approve(ack: Any, respond: Any, body: Json, action: Json) -> None:
        seen.append(body)
        ack()
        respond(text=f"{action['value']} was approved", replace_original=True)

    @bot.app.action("stage")
    def stage(ack: Any, say: Any, action: Json) -> None:
        ack()
        say(f"to {action['selected_option']['value']}")

    with bot.running():
        # At once: to Grace alone, in the answer to her request.
        answered = ok(await bot.command("deploy", "main"))
        assert answered == {"private": {"content": "Deploying **main**", "metadata": None}, "message": None}
        assert (seen[0]["command"], seen[0]["text"], seen[0]["channel_id"]) == ("/deploy", "main", team.channel)

        async def asks() -> bool:
            posted = ok(await team.ada.api.get(f"/api/chats/{team.chat}/messages"))
            return [one["content"] for one in posted] == ["Deploy?"]

        # Later: to her alone, by response_url; and to all, as a message with what can be pressed.
        await until(asks, "the bot has posted")
        assert await private(team) == ["@grace, it takes a minute."]
        assert ok(await team.ada.api.get("/api/private-answers")) == []
        message = await team.newest()
        assert message["metadata"]["blocks"][1] == APPROVE
        assert ok(await bot.press(message["id"], action_id="approve")) == {"private": None, "message": None}

        async def approved() -> bool:
            return bool((await team.newest())["content"] == "main was approved")

        await until(approved, "the bot has edited its message")
        assert (await team.newest())["id"] == message["id"]
        assert seen[1]["actions"][0]["value"] == "main"
        assert seen[1]["message"]["text"] == "Deploy?"
        problem(await bot.press(message["id"], action_id="approve"), 404, "not_found")

        await call(team.slack.chat_postMessage, channel=team.channel, text="Where?", blocks=[APPROVE])
        again = await team.newest()
        problem(await bot.press(again["id"], action_id="stage", chosen="production"), 422, "validation_failed")
        ok(await bot.press(again["id"], action_id="stage", chosen="test"))

        async def staged() -> bool:
            return bool((await team.newest())["content"] == "to test")

        await until(staged, "the bot has posted")
        # Only what the log has is a message.
        contents = [one["content"] for one in ok(await team.ada.api.get(f"/api/chats/{team.chat}/messages"))]
        assert contents == ["to test", "Where?", "main was approved"]


async def test_a_bolt_app_answers_a_mention(bot: Bot, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    team, told = bot.team, list[Json]()

    @bot.app.event("app_mention")
    def mentioned(event: Json, say: Any) -> None:
        told.append(event)
        say(text=f"Hello, <@{event['user']}>", thread_ts=event["ts"])

    @bot.app.event("message")
    def said(event: Json) -> None:
        told.append(event)

    events = f"/api/bots/{team.bot}/endpoint/events"
    problem(await team.ada.api.put(events, json={"events": ["message"]}), 422, "endpoint_not_verified")
    with bot.running():
        wish = {"events": ["message", "app_mention"]}
        assert ok(await team.ada.api.put(events, json=wish))["events"] == ["app_mention", "message"]
        asked = await team.grace.say(team.chat, "@builds are **you** there?")

        async def answered() -> bool:
            return bool((await team.newest())["content"] == "Hello, @grace" and len(told) == 2)

        await until(answered, "the bot has answered")
        assert (await team.newest())["reply_to"] == asked["id"]
        assert {one["type"] for one in told} == {"app_mention", "message"}
        # Of what bots say, and of what is not its own, it is not told: that comes later than this.
        elsewhere = await team.ada.chat(team.grace)
        await team.grace.say(elsewhere, "@builds not here")
        await team.grace.say(team.chat, "the last")

        async def last() -> bool:
            return bool(told[-1]["text"] == "the last")

        await until(last, "the bot is told")
    user = slack_id("U", team.bot)
    assert [one["text"] for one in told if one["type"] == "message"] == [f"<@{user}> are *you* there?", "the last"]
    assert {one["channel"] for one in told} == {team.channel}

    # While it is away an event waits, and is told as it is then; of what is deleted it is told nothing.
    gone, kept = await team.grace.say(team.chat, "to be deleted"), await team.grace.say(team.chat, "to be edited")
    async with database.connect() as sql:

        async def failed() -> bool:
            waiting = "SELECT count(*) FROM bot_events WHERE due_at > now() + interval '40 s'"
            return bool(await sql.fetchval(waiting) == 2)

        await until(failed, "both have been tried")
        path = f"/api/chats/{team.chat}/messages"
        ok(await team.grace.api.delete(f"{path}/{gone['id']}"), 204)
        ok(await team.grace.api.patch(f"{path}/{kept['id']}", json={"content": "edited"}))
        with bot.running():
            await sql.execute("UPDATE bot_events SET due_at = now()")

            async def again() -> bool:
                return bool(told[-1]["text"] == "edited")

            await until(again, "it is told once more")
        assert all("deleted" not in one["text"] for one in told)

        # One that cannot be told, by a fault of ours, keeps nobody from being told, and is tried again like any other.
        callback = events_api.callback
        odd = await team.grace.say(team.chat, "odd")

        def faulty(row: Record) -> Json:
            return callback(row) if row["message_id"] != odd["id"] else callback({})  # type: ignore[arg-type]

        monkeypatch.setattr(events_api, "callback", faulty)
        with bot.running():
            await team.grace.say(team.chat, "even")
            tried = "SELECT tries = 1 AND claimed_until IS NULL FROM bot_events WHERE message_id = $1"
            await until(lambda: sql.fetchval(tried, odd["id"]), "it has been tried")

            async def even() -> bool:
                return bool(told[-1]["text"] == "even")

            await until(even, "the next one is told")


async def test_events_go_to_the_very_endpoint_that_answered(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not to one that has taken its place while it was asked."""
    endpoint = f"/api/bots/{bot.team.bot}/endpoint"
    ada = bot.team.ada.api
    url = ok(await ada.get(endpoint))["url"]

    async def replaced(*_: object) -> bool:
        ok(await ada.put(endpoint, json={"url": url}))
        return True

    monkeypatch.setattr(commands, "answers_challenge", replaced)
    problem(await ada.put(f"{endpoint}/events", json={"events": ["message"]}), 422, "endpoint_not_verified")
    assert ok(await ada.get(endpoint))["events"] == []


async def test_what_a_bot_answers_at_once_may_be_for_all(bot: Bot) -> None:
    team = bot.team

    @bot.app.command("/deploy")
    def deploy(ack: Any) -> None:
        ack(text="for all", response_type="in_channel")

    with bot.running():
        answered = ok(await bot.command("deploy"))
        assert answered["private"] is None
        assert (answered["message"]["content"], answered["message"]["sender_id"]) == ("for all", team.bot)
        # Where it is not, it can tell who asks.
        elsewhere = await team.ada.chat(team.grace)
        path = f"/api/chats/{elsewhere}/commands"
        told = ok(await team.grace.api.post(path, json={"name": "deploy"}))
        assert (told["private"]["content"], told["message"]) == ("for all", None)


async def test_what_cannot_be_a_message_is_the_bots_fault(bot: Bot) -> None:
    """Not of whoever has asked it, nor the server's."""
    team, seen = bot.team, list[Json]()
    button = {"type": "button", "action_id": "x", "value": "\x00", "text": {"type": "plain_text", "text": "X"}}
    wrong: Json = {"text": "x", "blocks": [{"type": "actions", "elements": [button]}]}
    for_all: Json = {**wrong, "response_type": "in_channel"}

    @bot.app.command("/deploy")
    def deploy(ack: Any, command: Json) -> None:
        seen.append(command)
        ack(**(wrong if command["text"] else for_all))

    with bot.running():
        for text in ("", "for me"):
            refused = problem(await bot.command("deploy", text), 502, "bot_unreachable")
            assert "cannot be shown: metadata" in refused["detail"]
    for later in (for_all, wrong):
        answer = await team.server.anybody.post(seen[0]["response_url"], json=later)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_arguments")
    assert await private(team) == []


async def test_what_a_bot_answers_for_all_counts_towards_its_limit(database: Database, keys: Path) -> None:
    most = 4
    async with bot_of_team(database, keys, limits={"messages": most, "window_seconds": 86_400}) as bot:
        team, said = bot.team, {"text": "for all", "response_type": "in_channel"}

        @bot.app.command("/deploy")
        def deploy(ack: Any) -> None:
            ack(**said)

        with bot.running():
            for number in range(most - 1):
                await call(team.slack.chat_postMessage, channel=team.channel, text=str(number))
            ok(await bot.command("deploy"))
            refused = problem(await bot.command("deploy"), 502, "bot_unreachable")
            assert "The limit messages" in refused["detail"]
            said = {"text": "for one"}
            assert ok(await bot.command("deploy"))["private"]["content"] == "for one"


async def test_one_person_alone_is_told(bot: Bot) -> None:
    team = bot.team
    await call(team.slack.chat_postEphemeral, channel=team.channel, user=f"U{team.grace.id:010d}", text="*psst*")
    assert await private(team) == ["**psst**"]
    assert ok(await team.ada.api.get(f"/api/chats/{team.chat}/messages")) == []
    path, body = f"/api/chats/{team.chat}/private-answers", {"user_id": team.grace.id, "content": "x"}
    problem(await team.ada.api.post(path, json=body), 403, "forbidden")
    problem(await team.server.anybody.post(path, json=body), 401, "unauthorized")
    headers = {"Authorization": f"Bearer {team.slack.token}"}
    outsider = await team.server.sign_up("Mallory")
    for wrong in (body | {"user_id": outsider.id}, body | {"user_id": 999}):
        problem(await team.server.anybody.post(path, json=wrong, headers=headers), 403, "forbidden")
    problem(
        await team.server.anybody.post(path, json=body | {"content": ""}, headers=headers), 422, "validation_failed"
    )
    problem(await outsider.api.post(path, json=body), 404, "not_found")


async def test_a_request_is_signed_in_both_ways_and_a_bot_that_fails_is_named(bot: Bot) -> None:
    requests = list[tuple[dict[str, str], bytes]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
        requests.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", bot.port):
        failed = problem(await bot.command("deploy"), 502, "bot_unreachable")
    assert "500" in failed["detail"]
    headers, body = requests[0]
    verified = Webhook(bot.secrets["secret"])
    # The library wants JSON; what it verifies is the signature of the bytes.
    with pytest.raises(ValueError, match="Expecting value"):
        verified.verify(body, headers)
    refused = problem(await bot.command("deploy"), 502, "bot_unreachable")  # nothing listens there any more
    assert "ConnectError" in refused["detail"]


async def test_who_sets_endpoints_and_runs_commands(bot: Bot) -> None:
    team = bot.team
    ada, grace, anybody = team.ada.api, team.grace.api, team.server.anybody
    outsider = (await team.server.sign_up("Mallory")).api
    endpoint, commands = f"/api/bots/{team.bot}/endpoint", f"/api/bots/{team.bot}/commands"
    url, named = {"url": "https://bot.example/"}, {"name": "roll", "description": "Rolls dice."}
    for person, status, code in (
        (grace, 403, "forbidden"),
        (outsider, 404, "not_found"),
        (anybody, 401, "unauthorized"),
    ):
        problem(await person.put(endpoint, json=url), status, code)
        problem(await person.get(endpoint), status, code)
        problem(await person.delete(endpoint), status, code)
        problem(await person.put(f"{endpoint}/events", json={"events": []}), status, code)
        problem(await person.post(commands, json=named), status, code)
        problem(await person.delete(f"{commands}/1"), status, code)
    for wrong in ("http://bot.example/", "https://bot.example:22/", "https://a:b@bot.example/", "ftp://x/"):
        problem(await ada.put(endpoint, json={"url": wrong}), 422, "validation_failed")
    problem(await ada.post(commands, json={"name": "deploy", "description": "x"}), 409, "commands_name_key")
    problem(await ada.post(commands, json={"name": "Deploy", "description": "x"}), 422, "validation_failed")
    problem(await ada.put(f"{endpoint}/events", json={"events": ["x"]}), 422, "validation_failed")
    made = ok(await ada.post(commands, json=named), 201)
    listed = ok(await grace.get(f"/api/workspaces/{team.ada.workspace}/commands"))
    assert [one["name"] for one in listed] == ["deploy", "roll"]
    problem(await outsider.get(f"/api/workspaces/{team.ada.workspace}/commands"), 404, "not_found")
    ok(await ada.delete(f"{commands}/{made['id']}"), 204)
    problem(await ada.delete(f"{commands}/{made['id']}"), 404, "not_found")

    run, body = f"/api/chats/{team.chat}/commands", {"name": "deploy"}
    problem(await outsider.post(run, json=body), 404, "not_found")
    problem(await anybody.post(run, json=body), 401, "unauthorized")
    problem(await grace.post(run, json={"name": "roll"}), 404, "not_found")
    problem(await grace.post(run, json={"name": "x y"}), 422, "validation_failed")
    headers = {"Authorization": f"Bearer {team.slack.token}"}
    problem(await anybody.post(run, json=body, headers=headers), 403, "forbidden")
    said = await team.grace.say(team.chat, "hello")
    press = f"/api/chats/{team.chat}/messages/{said['id']}/actions"
    problem(await grace.post(press, json={"action_id": "x"}), 404, "not_found")
    problem(await grace.post(press, json={"action_id": ""}), 422, "validation_failed")
    problem(await outsider.post(press, json={"action_id": "x"}), 404, "not_found")
    problem(await anybody.post(press, json={"action_id": "x"}), 401, "unauthorized")
    problem(await anybody.get("/api/private-answers"), 401, "unauthorized")
    problem(await grace.get("/api/private-answers", params={"after_id": "x"}), 400, "validation_failed")

    # An answer that comes later proves what it belongs to.
    later = f"/slack/responses/{team.bot}/{team.chat}/{team.grace.id}/0/9999999999/x"
    assert (await anybody.post(later, json={"text": "forged"})).json() == {"ok": False, "error": "expired_url"}
    ok(await ada.delete(endpoint), 204)
    problem(await ada.delete(endpoint), 404, "not_found")
    problem(await grace.post(run, json=body), 404, "not_found")
    audited = ok(await ada.get(f"/api/workspaces/{team.ada.workspace}/audit", params={"limit": 50}))
    assert {"bot_endpoint_set", "command_created", "command_deleted"} <= {each["action"] for each in audited}
