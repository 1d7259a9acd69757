"""Dialogs: forms of bots, which one person alone sees."""

from typing import Any

import msgspec

from chat_server.http.fields import Id


class Dialog(msgspec.Struct):
    """`view` is as Slack describes it: `title`, `submit`, `close` and `blocks`; but its `mrkdwn` texts are of the type
    `markdown`, in the Markdown of messages. `version` grows when the bot changes it."""

    id: Id
    bot_id: Id
    chat_id: Id
    version: int
    view: dict[str, Any]


class DialogAnswer(msgspec.Struct):
    """The topmost dialog that is open, if one is; and what the bot finds wrong, by the id of the block."""

    dialog: Dialog | None
    errors: dict[str, str]


class OpenedDialog(msgspec.Struct):
    """What a bot has opened or changed; `view` is as Slack tells it."""

    view: dict[str, Any]
