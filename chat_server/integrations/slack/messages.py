"""What a program says, as a message here: its text, its blocks' words, and the blocks that can be pressed."""

from typing import Any, Final

import msgspec

from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.arguments import Arguments
from chat_server.integrations.slack.call import Call
from chat_server.integrations.slack.interactions.presses import with_ids
from chat_server.integrations.slack.shapes import message_shape, ts
from chat_server.integrations.slack.texts import rich_text
from chat_server.integrations.slack.texts.mrkdwn import mentioned, with_names
from chat_server.integrations.slack.texts.payloads import text_of

# Of a message's metadata, which has its blocks beside a name and a picture.
MOST_BYTES: Final = 3_900
_SHOWN_AS: Final = ("username", "icon_emoji")


async def content_of(call: Call) -> tuple[str, Json | None]:
    """The content and the metadata of a message. Raises SlackError if there is nothing to show."""
    arguments = call.arguments
    payload: Any = {
        "text": arguments.text("text"),
        "blocks": arguments.json("blocks"),
        "attachments": arguments.json("attachments"),
    }
    if markdown := arguments.text("markdown_text"):
        payload = {"blocks": [{"type": "markdown", "text": markdown}]}
    shown: Any = rich_text.as_sections(payload)
    if people := mentioned(shown):
        profiles = await call.profiles(people)
        payload, shown = with_names(payload, profiles), with_names(shown, profiles)
    text = text_of(shown)
    if not text:
        raise SlackError("no_text")
    return text, metadata_of(arguments, payload["blocks"])


def metadata_of(arguments: Arguments, blocks: object) -> Json | None:
    """The name and picture under which a program wants to be seen, and its blocks, if something in them can be pressed:
    what is only to be read has become text."""
    metadata: Json = {name: value[:80] for name in _SHOWN_AS if (value := arguments.text(name).strip())}
    if isinstance(blocks, list) and can_be_pressed(blocks):
        metadata["blocks"] = blocks = with_ids(blocks)
        if len(msgspec.json.encode(blocks)) > MOST_BYTES:
            raise SlackError("msg_blocks_too_long", detail=f"Blocks with buttons have at most {MOST_BYTES} bytes.")
    return metadata or None


def can_be_pressed(blocks: list[Any]) -> bool:
    return any(
        isinstance(block, dict) and (block.get("type") in ("actions", "input") or "accessory" in block)
        for block in blocks
    )


async def names_in(call: Call, messages: list[Json]) -> dict[str, int]:
    """The lower-case names of the users whom these messages mention; none where the token may not read profiles."""
    people = [user for message in messages for user in message["mentions"]]
    try:
        profiles = await call.profiles(people)
    except SlackError as error:
        if error.error != "missing_scope":
            raise
        return {}
    return {profile["username"].lower(): user for user, profile in profiles.items()}


async def shown(call: Call, messages: list[Json], thread: Json | None = None) -> list[Json]:
    """Our messages as Slack's. `thread` is the first message of the thread that they belong to, if it is known."""
    names = await names_in(call, messages)
    roots = {message["id"]: ts(message) for message in ([thread] if thread else []) + messages}
    for message in messages:
        root = message["thread_id"]
        if root is not None and root not in roots:
            try:
                first = await call.api.get(f"/api/chats/{message['chat_id']}/messages/{root}", "message_not_found")
            except SlackError as error:
                if error.error != "message_not_found":  # retention may have deleted it
                    raise
                continue
            roots[root] = ts(first)
    bot = call.identity.user_id if call.identity.is_bot else None
    return [message_shape(message, names, roots.get(message["thread_id"] or 0), bot) for message in messages]
