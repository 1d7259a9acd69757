"""A team with a bot, and Slack's own client, unmodified but for its base URL."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from chat_server.integrations.slack.ids import slack_id
from tests.chat_server.integrations.test_bots import bot_of, chat_with, token_of
from tests.chat_server.people import ChatServer, Json, Person, ok

SCOPES = [
    *("messages:read", "messages:write", "chats:read", "chats:write", "workspaces:read", "files:read", "files:write"),
    *("profile:read", "profile:write", "search:read"),
]


@dataclass(frozen=True)
class Team:
    """Ada owns the bot, which is in a chat with her and Grace."""

    server: ChatServer
    ada: Person
    grace: Person
    bot: int
    chat: int
    slack: WebClient

    @property
    def channel(self) -> str:
        return slack_id("C", self.chat)

    async def newest(self) -> Json:
        (message,) = ok(await self.ada.api.get(f"/api/chats/{self.chat}/messages", params={"limit": 1}))
        found: Json = message
        return found


def web_client(server: ChatServer, token: str) -> WebClient:
    return WebClient(token=token, base_url=f"{server.url}/slack/api/", retry_handlers=[])


async def team_with_bot(server: ChatServer, scopes: list[str] = SCOPES) -> Team:
    ada, grace = await server.team("Ada", "Grace")
    bot = (await bot_of(ada))["id"]
    chat = await chat_with(bot, ada, grace)
    token = (await token_of(ada, bot, scopes=scopes))["token"]
    return Team(server, ada, grace, bot, chat, web_client(server, token))


async def call(method: Callable[..., SlackResponse], **arguments: Any) -> Json:
    """The client blocks: it is called in a thread, while the server answers in this one."""
    answer = await asyncio.to_thread(method, **arguments)
    assert isinstance(answer.data, dict)
    return answer.data


async def refused(method: Callable[..., SlackResponse], **arguments: Any) -> str:
    """Slack's word for why."""
    try:
        await call(method, **arguments)
    except SlackApiError as error:
        return str(error.response["error"])
    raise AssertionError(f"{method.__name__} was not refused")
