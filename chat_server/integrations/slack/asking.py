"""A bot is asked: what somebody has typed or pressed goes to its URL, and its answer comes back within three seconds.

The request is signed twice, so that either kind of program can verify it: as Standard Webhooks 1.0 has it, and as Slack
does (https://docs.slack.dev/authentication/verifying-requests-from-slack). One secret serves both.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import msgspec
from asyncpg import Record

from chat_core.outgoing.guarded import Answer, Guarded, Unreachable
from chat_core.outgoing.refused import Refused
from chat_core.outgoing.signing import SigningKey, signed
from chat_core.problems import Problem
from chat_server.integrations.slack.answers import Json
from chat_server.integrations.slack.ids import slack_id
from chat_server.integrations.slack.shapes import channel_id

SECONDS: Final = 3.0
LARGEST_ANSWER: Final = 65_536
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Asked:
    """A bot and its secret, and what it is told: who asks, and where."""

    bot_id: int
    url: str
    secret: bytes
    user_id: int
    username: str
    chat_id: int
    chat_type: str
    chat_name: str
    workspace_id: int
    workspace: str

    @classmethod
    def of(cls, row: Record, user_id: int, chat_id: int) -> "Asked":
        names = ("bot_id", "url", "secret", "username", "chat_type", "chat_name", "workspace_id", "workspace")
        return cls(user_id=user_id, chat_id=chat_id, **{name: row[name] for name in names})

    @property
    def channel(self) -> Json:
        name = "directmessage" if self.chat_type == "Single" else self.chat_name
        return {"id": channel_id(self.chat_id, self.chat_type), "name": name}

    @property
    def user(self) -> Json:
        user, team = slack_id("U", self.user_id), slack_id("T", self.workspace_id)
        return {"id": user, "username": self.username, "name": self.username, "team_id": team}

    @property
    def head(self) -> Json:
        """What every payload begins with, after its type."""
        team = {"id": slack_id("T", self.workspace_id), "domain": self.workspace}
        return {"team": team, "user": self.user, "api_app_id": self.app_id, "token": ""}

    @property
    def app_id(self) -> str:
        return app_id(self.bot_id)


def app_id(bot: int) -> str:
    return "A" + slack_id("B", bot)[1:]


def slacks_secret(secret: bytes) -> str:
    """The secret as Slack's libraries take it."""
    return secret.hex()


def slacks_signature(secret: bytes, timestamp: int, body: bytes) -> dict[str, str]:
    content = f"v0:{timestamp}:".encode() + body
    digest = hmac.new(slacks_secret(secret).encode(), content, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}


async def post_signed(
    outgoing: Guarded, url: str, secret: bytes, body: bytes, identifier: str, headers: Mapping[str, str]
) -> Answer:
    """`identifier` is the same for each attempt. Raises Refused and Unreachable."""
    now = int(time.time())
    sent = {
        **headers,
        **signed([SigningKey("v1", secret)], identifier, now, body),
        **slacks_signature(secret, now, body),
    }
    return await outgoing.post(url, body, sent, seconds=SECONDS, most_bytes=LARGEST_ANSWER)


async def ask(outgoing: Guarded, asked: Asked, fields: dict[str, str]) -> Json:
    """What the bot answers at once, as a payload of Slack's; empty if it says nothing yet. Raises Problem."""
    body, identifier = urlencode(fields).encode(), f"msg_{secrets.token_hex(12)}"
    try:
        answer = await post_signed(outgoing, asked.url, asked.secret, body, identifier, {"Content-Type": FORM})
    except (Refused, Unreachable) as error:
        raise _unreachable(str(error)) from error
    if not 200 <= answer.status < 300:
        raise _unreachable(f"it answered with status {answer.status}")
    text = answer.body.decode("utf-8", "replace").strip()
    if not text or answer.cut:
        return {}
    if "json" not in answer.headers.get("content-type", "") and not text.startswith("{"):
        return {"text": text}
    try:
        payload = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise _unreachable("its answer is no JSON") from None
    return payload if isinstance(payload, dict) else {}


def _unreachable(why: str) -> Problem:
    return Problem(502, "bot_unreachable", f"The bot cannot be asked now: {why}.")
