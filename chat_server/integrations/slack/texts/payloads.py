"""What programs made for Slack post: a payload of text, attachments and blocks, as a message here.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, …/reference/block-kit and
…/messaging/formatting-message-text. docs/integrations/incoming-webhooks.md has the subset.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from chat_server.integrations.slack.texts import rich_text

LONGEST: Final = 10_000
MOST_PARTS: Final = 200  # attachments, blocks, fields and elements of a payload

_LINK = re.compile(r"<([^<>|\n]+)(?:\|([^<>\n]*))?>")
# A mark with no letter or digit at its outer side, and no space at its inner one.
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_STRUCK = re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])")
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_EVERYONE = {"!here": "@here", "!channel": "@all", "!everyone": "@all"}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def text_of(payload: dict[str, Any]) -> str:
    """The message of a payload, "" if nothing can be shown of it. What is too long ends with an ellipsis."""
    text = whole_text_of(payload)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def whole_text_of(payload: dict[str, Any]) -> str:
    parts = list(_parts(payload))[:MOST_PARTS]
    return "\n".join(part for part in parts if part.strip()).strip()


def _parts(payload: dict[str, Any]) -> Iterator[str]:
    blocks = list(_blocks(payload.get("blocks")))
    # Where there are blocks, the text is what a notification would show of them.
    yield from blocks or [markdown(_string(payload.get("text")))]
    for attachment in _objects(payload.get("attachments")):
        yield markdown(_string(attachment.get("pretext")))
        lines = "\n".join(line for line in _attachment(attachment) if line.strip())
        yield "\n".join(f"> {line}" for line in lines.split("\n")) if lines else ""


def _attachment(attachment: dict[str, Any]) -> Iterator[str]:
    yield plain(_string(attachment.get("author_name")))
    title, link = plain(_string(attachment.get("title"))), _string(attachment.get("title_link"))
    yield f"**{_linked(title, link)}**" if title else ""
    text = _string(attachment.get("text"))
    yield markdown(text)
    for field in _objects(attachment.get("fields")):
        yield f"**{plain(_string(field.get('title')))}** {markdown(_string(field.get('value')))}"
    blocks = list(_blocks(attachment.get("blocks")))
    yield from blocks
    if not (title or text or blocks):
        yield plain(_string(attachment.get("fallback")))
    yield _string(attachment.get("image_url"))
    yield plain(_string(attachment.get("footer")))


def _blocks(blocks: Any) -> Iterator[str]:
    for block in _objects(blocks):
        shown = _BLOCKS.get(_string(block.get("type")))
        if shown is not None:
            yield from shown(block)


def _header(block: dict[str, Any]) -> Iterator[str]:
    text = _text_object(block.get("text"))
    yield f"**{text}**" if text else ""


def _section(block: dict[str, Any]) -> Iterator[str]:
    yield _text_object(block.get("text"))
    for field in _objects(block.get("fields")):
        yield _text_object(field)


def _context(block: dict[str, Any]) -> Iterator[str]:
    elements = (
        _text_object(element) or plain(_string(element.get("alt_text"))) for element in _objects(block.get("elements"))
    )
    yield " ".join(filter(None, elements))


def _image(block: dict[str, Any]) -> Iterator[str]:
    yield _linked(plain(_string(block.get("alt_text"))) or "image", _string(block.get("image_url")))


def _divider(_: dict[str, Any]) -> Iterator[str]:
    yield "———"


def _rich_text(block: dict[str, Any]) -> Iterator[str]:
    yield markdown(rich_text.mrkdwn(block))


_BLOCKS: Final[dict[str, Callable[[dict[str, Any]], Iterator[str]]]] = {
    "header": _header,
    "section": _section,
    "markdown": lambda block: iter([_string(block.get("text"))]),
    "context": _context,
    "image": _image,
    "divider": _divider,
    **dict.fromkeys(rich_text.KINDS, _rich_text),
}


def _text_object(given: Any) -> str:
    """Of `plain_text` as it is, of `mrkdwn` in our Markdown."""
    if not isinstance(given, dict):
        return ""
    text = _string(given.get("text"))
    return markdown(text) if given.get("type") == "mrkdwn" else plain(text)


def markdown(text: str) -> str:
    """Slack's mrkdwn in our Markdown. Code stays as it is."""
    return "".join(
        plain(part)
        if part.startswith("`")
        else plain(_STRUCK.sub(r"~~\1~~", _BOLD.sub(r"**\1**", _LINK.sub(_link, part))))
        for part in _CODE.split(text)
    )


def plain(text: str) -> str:
    """Without Slack's entities, which stand for the three characters that it reads itself."""
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text.replace("\x00", "")


def _link(found: re.Match[str]) -> str:
    target, label = found[1], found[2]
    if target in _EVERYONE:
        return _EVERYONE[target]
    if target[0] in "@#!":  # Slack's own people and channels are not known here
        return label or target
    return _linked(label or "", target)


def _linked(label: str, target: str) -> str:
    if not target.startswith(("http://", "https://", "mailto:")):
        return label or target
    return f"[{label}]({target})" if label and label != target else target


def _string(given: Any) -> str:
    return given if isinstance(given, str) else ""


def _objects(given: Any) -> list[dict[str, Any]]:
    return [each for each in given[:MOST_PARTS] if isinstance(each, dict)] if isinstance(given, list) else []
