"""Bots, and what programs post by."""

from datetime import datetime
from typing import Any, Literal

from . import Model
from .messages.messages import Message


class Dialog(Model):
    """`view` is as Slack describes it. `version` grows when the bot changes it."""

    id: int
    bot_id: int
    chat_id: int
    version: int
    view: dict[str, Any]


class DialogAnswer(Model):
    """The topmost dialog that is open, if one is; and what the bot finds wrong, by the id of the block."""

    dialog: Dialog | None
    errors: dict[str, str]


class OpenedDialog(Model):
    """What a bot has opened or changed; `view` is as Slack tells it."""

    view: dict[str, Any]


class Bot(Model):
    """A user that programs post as. `id` is that of the user. Without an owner it is suspended, until somebody takes it
    over."""

    id: int
    workspace_id: int
    owner_id: int | None
    username: str
    fullname: str
    avatar: str | None
    status: Literal["active", "inactive", "suspended"]
    description: str | None
    created_at: datetime


class IncomingWebhook(Model):
    """Where a program posts as a bot into a chat. `last_used_at` is up to a minute late."""

    id: int
    bot_id: int
    chat_id: int
    name: str
    created_by: int | None
    created_at: datetime
    last_used_at: datetime | None


class NewIncomingWebhook(IncomingWebhook):
    """`token` and `slack_url`, which has it in its path, are shown this once."""

    token: str
    slack_url: str


class Command(Model):
    """What members of a workspace may type: `/name`."""

    id: int
    workspace_id: int
    bot_id: int
    name: str
    description: str
    usage: str
    created_at: datetime


class Endpoint(Model):
    """Where a bot is asked, and which events it is told there."""

    url: str
    events: list[Literal["app_mention", "message"]]
    created_at: datetime


class NewEndpoint(Endpoint):
    """The secrets are shown this once."""

    secret: str
    slack_secret: str


class PrivateContent(Model):
    """What a bot says to one person alone."""

    content: str
    metadata: dict[str, Any] | None


class BotAnswer(Model):
    """What a bot has answered at once; both null if it says nothing, or will later."""

    private: PrivateContent | None
    message: Message | None


class PrivateAnswer(PrivateContent):
    """It is gone after an hour."""

    id: int
    chat_id: int
    bot_id: int
    created_at: datetime


class Subscription(Model):
    """What a bot sees, sent to another system at `url`. Everything up to `cursor` has been dealt with."""

    id: int
    bot_id: int
    name: str
    url: str
    kinds: list[str] | None
    chat_ids: list[int] | None
    ordered: bool
    cursor: str
    scheme: Literal["v1", "v1a"] | None
    created_by: int | None
    created_at: datetime
    delivered_at: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: Literal["failing", "gone", "owner"] | None
    waiting: int
    dead: int


class NewSubscription(Subscription):
    """`key` verifies what is sent: a secret (`whsec_…`), which is shown this once, or a public key (`whpk_…`)."""

    key: str


class SubscriptionKey(Model):
    scheme: Literal["v1", "v1a"]
    key: str


class FailedDelivery(Model):
    """An event whose delivery has failed. `due_at`: when it is tried again; None: it is a dead letter."""

    position: int
    kind: str
    attempts: int
    failed_at: datetime
    due_at: datetime | None
    error: str


class DeliveryAttempt(Model):
    """`status` is that of the answer, None if none came; `error` why it failed, None if it was delivered."""

    id: int
    position: int
    kind: str
    attempted_at: datetime
    milliseconds: int
    status: int | None
    error: str | None
