"""Text between here and Slack: our Markdown as Slack's mrkdwn, and Slack's mentions as our names.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Mapping

from chat_server.integrations.slack.answers import Json
from chat_server.integrations.slack.ids import number_of, slack_id

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*")
_STRUCK = re.compile(r"~~(?=\S)([^~\n]+?)(?<=\S)~~")
_LINK = re.compile(r"\[([^\[\]\n]+)\]\((https?://[^\s()<>|]+|mailto:[^\s()<>|]+)\)")
_BARE = re.compile(r"(?<![|<(\w])https?://[^\s<>|]*[^\s<>|.,;:!?)'\"*~_]")
_NAME = re.compile(r"(?<![\w@.])@([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)")
_EVERYONE = {"all": "<!channel>", "here": "<!here>"}
_MENTION = re.compile(r"<@([A-Z0-9]{11,14})(?:\|[^<>]*)?>")


def mrkdwn(text: str, names: Mapping[str, int]) -> str:
    """Our Markdown in Slack's. `names` are the lower-case names of users who are mentioned."""
    return "".join(
        _escaped(part) if part.startswith("`") else _prose(_escaped(part), names) for part in _CODE.split(text)
    )


def _prose(text: str, names: Mapping[str, int]) -> str:
    text = _LINK.sub(r"<\2|\1>", text)
    text = _BARE.sub(lambda found: f"<{found[0]}>", text)
    text = _STRUCK.sub(r"~\1~", _BOLD.sub(r"*\1*", text))

    def named(found: re.Match[str]) -> str:
        name = found[1].lower()
        if name in names:
            return f"<@{slack_id('U', names[name])}>"
        return _EVERYONE.get(name, found[0])

    return _NAME.sub(named, text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mentioned(texts: object) -> list[int]:
    """The users whom any text in this JSON mentions in Slack's way."""
    if isinstance(texts, str):
        numbers = (number_of("user", found) for found in _MENTION.findall(texts))
        return [number for number in numbers if number is not None]
    inner = texts.values() if isinstance(texts, dict) else texts if isinstance(texts, list) else ()
    return [number for one in inner for number in mentioned(one)]


def with_names(texts: object, profiles: Mapping[int, Json]) -> object:
    """The same JSON with our `@name` for each of these mentions."""
    if isinstance(texts, str):
        return _MENTION.sub(lambda found: _named(found, profiles), texts)
    if isinstance(texts, dict):
        return {key: with_names(value, profiles) for key, value in texts.items()}
    return [with_names(one, profiles) for one in texts] if isinstance(texts, list) else texts


def _named(found: re.Match[str], profiles: Mapping[int, Json]) -> str:
    profile = profiles.get(number_of("user", found[1]) or 0)
    return f"@{profile['username']}" if profile else found[0]
