"""The messages of one channel of a Slack export, in the order of their time."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from chat_server.integrations.slack.texts import payloads, rich_text
from fechatter.archives.records import AnyRecord, File, Message, Pin, Reaction
from fechatter.converters import json_stream, texts
from fechatter.converters.converting import Converter, Json, an_object, key_of, objects, seconds, strings
from fechatter.converters.slack import markup

_JOINS: Final = ("channel_join", "channel_leave", "group_join", "group_leave")
_SAID_ELSEWHERE: Final = ("message_replied", "reply_broadcast")
# What somebody said. All other subtypes are notices of Slack about the channel.
_SAID: Final = (
    *("", "bot_message", "me_message", "thread_broadcast", "file_share", "file_comment", "file_mention"),
    *("slackbot_response", "document_mention", "assistant_app_thread"),
)
_NO_FILE: Final = {
    "tombstone": "files that were deleted in Slack",
    "hidden_by_limit": "files that Slack hides above a plan's limit",
}

_CANVASES: Final = ("quip", "canvas")


@dataclass
class SlackMaps:
    """What messages refer to."""

    channels: dict[str, str] = field(default_factory=dict)  # names by id
    bots: dict[str, str] = field(default_factory=dict)  # people by the id of their bot
    uploads: dict[str, str] = field(default_factory=dict)  # paths by the file's id


class SlackChannel:
    def __init__(self, slack: Converter, chat: Json, days: list[str], maps: SlackMaps) -> None:
        self._slack = slack
        self._maps = maps
        self._id = key_of(chat["id"])
        self._days = days
        self._pins = {texts.line(pin.get("id")): pin for pin in objects(chat.get("pins"))}
        self._roots: set[str] = set()  # times of messages that began a thread

    def records(self) -> Iterator[AnyRecord]:
        for day in self._days:
            with self._slack.export.open(day) as opened:
                said = [(seconds(message.get("ts")), message) for message in json_stream.elements(opened, day)]
            timed = [(at, message) for at, message in said if at]
            self._slack.report.lose("messages without a time", day, len(said) - len(timed))
            seen: set[str] = set()
            for at, message in sorted(timed, key=lambda each: each[0]):
                time = texts.line(message["ts"])
                if time in seen:
                    self._slack.report.lose("messages that are in the export twice", f"{self._id}/{time}")
                else:
                    seen.add(time)
                    yield from self._message(message, time, at)

    def _message(self, message: Json, time: str, at: datetime) -> Iterator[AnyRecord]:
        key = f"{self._id}/{time}"[:200]
        subtype = texts.line(message.get("subtype"))
        report = self._slack.report
        if subtype in _SAID_ELSEWHERE:
            return  # the reply itself is there, too
        if subtype not in (*_SAID, "tombstone") and not (subtype and _has_replies(message, time)):
            what = "notices of joining or leaving" if subtype in _JOINS else f"notices of Slack ({subtype[:40]})"
            report.lose(what, key)
            return
        sender = yield from self._sender(message)
        thread = texts.line(message.get("thread_ts")) or time
        reply = thread != time
        if reply and thread not in self._roots:
            report.lose("the threads of replies whose first message is not in the export", key)
            reply = False
        made = Message(
            id=key,
            chat=self._id,
            sender=sender,
            created_at=at,
            reply_to=f"{self._id}/{thread}"[:200] if reply else None,
        )
        if subtype == "tombstone":
            made.deleted_at = at
            yield made
            written = True
        else:
            written = yield from self._whole(message, made, time)
        if written and not reply and (message.get("thread_ts") or message.get("reply_count") or message.get("replies")):
            self._roots.add(time)

    def _whole(self, message: Json, made: Message, time: str) -> Generator[AnyRecord, None, bool]:
        text = self._with_canvases(self._text(message), message)
        for person in texts.mentioned(text):
            yield from self._slack.stranger(person)
        made.content = self._slack.content(text)
        made.updated_at = seconds(an_object(message.get("edited")).get("ts"))
        made.reactions = yield from self._reactions(message, made.id)
        made.pin = yield from self._pin(message, time)
        return (yield from self._slack.message(made, list(self._files(message, made))))

    def _with_canvases(self, text: str, message: Json) -> str:
        """Where a canvas stands in a text, an export has its id."""
        for file in objects(message.get("files")):
            key, title = key_of(file.get("id")), texts.line(file.get("title")) or "canvas"
            if key and texts.line(file.get("mode")) in _CANVASES:
                named = _named(text, key, title)
                text = named if named != text else "\n".join(filter(None, [text, title]))
        return text

    def _sender(self, message: Json) -> Generator[AnyRecord, None, str]:
        user = key_of(message.get("user")) or key_of(an_object(message.get("comment")).get("user"))
        bot = key_of(message.get("bot_id"))
        if user:
            profile = an_object(message.get("user_profile"))
            yield from self._slack.stranger(user, profile.get("real_name") or profile.get("name") or "")
            return user
        name = texts.line(message.get("username")) or texts.line(an_object(message.get("bot_profile")).get("name"))
        if bot:
            known = self._maps.bots.get(bot)
            if known is None:
                yield from self._slack.stranger(bot, name or "Bot", bot=True)
            return known or bot
        key = f"name:{name}"[:200] if name else "unknown"
        yield from self._slack.stranger(key, name or "Unknown", bot=message.get("subtype") == "bot_message")
        return key

    def _text(self, message: Json) -> str:
        text = self._markdown(texts.clean(message.get("text")))
        subtype = message.get("subtype")
        if subtype == "me_message" and text:
            return f"_{text}_"
        if subtype == "file_comment" and isinstance(said := an_object(message.get("comment")).get("comment"), str):
            return self._markdown(said)
        if subtype == "file_share" and message.get("upload"):
            # Old exports say «<@U1> uploaded a file: …», with what was said of it behind.
            comment = an_object(an_object(message.get("file")).get("initial_comment")).get("comment")
            return self._markdown(texts.clean(comment))
        blocks = objects(message.get("blocks"))
        if not text or any(block.get("type") != "rich_text" for block in blocks):
            # What a program has laid out: its text is what a notification says of it.
            text = self._shown({"blocks": blocks}) or text
        attachments = [each for each in objects(message.get("attachments")) if not _is_preview(each, message)]
        return "\n".join(filter(None, [text, self._shown({"attachments": attachments})]))

    def _shown(self, payload: Json) -> str:
        marked = markup.marked(rich_text.as_sections(payload), self._maps.channels.get)
        return texts.outside_code(payloads.whole_text_of(an_object(marked)), self._slack.expand)

    def _markdown(self, text: str) -> str:
        return markup.markdown(text, self._maps.channels.get, self._slack.expand)

    def _reactions(self, message: Json, key: str) -> Generator[AnyRecord, None, list[Reaction]]:
        found: list[Reaction] = []
        for reaction in objects(message.get("reactions")):
            name = texts.line(reaction.get("name"))
            people = strings(reaction.get("users"))
            count = reaction.get("count")
            if isinstance(count, int) and count > len(people):
                self._slack.report.lose("reactions of people whom the export does not name", key, count - len(people))
            emoji = self._slack.reaction(name, key) if people else None
            for person in people if emoji else ():
                yield from self._slack.stranger(person)
                found.append(Reaction(emoji=emoji or "", person=person))
        return found

    def _pin(self, message: Json, time: str) -> Generator[AnyRecord, None, Pin | None]:
        pin = self._pins.get(time)
        if pin is None and self._id not in strings(message.get("pinned_to")):
            return None
        said = pin or an_object(message.get("pinned_info"))
        person = key_of(said.get("user")) or key_of(said.get("pinned_by"))
        if person:
            yield from self._slack.stranger(person)
        return Pin(
            person=person or None,
            pinned_at=seconds(said.get("created") or said.get("pinned_ts")),
        )

    def _files(self, message: Json, made: Message) -> Iterator[File]:
        given = objects(message.get("files")) or objects([message.get("file")])
        for file in given if message.get("subtype") != "file_comment" else ():
            key = key_of(file.get("id"))
            mode = texts.line(file.get("mode"))
            if mode in _NO_FILE or not key:
                self._slack.report.lose(_NO_FILE.get(mode, "files without an id"), made.id)
                continue
            name = texts.line(file.get("name")) or texts.line(file.get("title")) or key
            path = self._maps.uploads.get(key)
            if mode in _CANVASES and path is None:
                self._slack.report.lose("canvases, of which the title is left", made.id)
                continue
            yield File(
                id=key,
                path=self._slack.export.whole(path) if path else f"__uploads/{key}/file"[:1024],
                name=name,
                uploader=made.sender,
                created_at=seconds(file.get("created")),
            )


def _named(text: str, key: str, title: str) -> str:
    return re.sub(rf"(?<![\w/-]){re.escape(key)}(?![\w/-])", lambda _: title, text)


def _has_replies(message: Json, time: str) -> bool:
    """Whether a thread began with it: people welcome who has joined, or take notes of a call."""
    return message.get("thread_ts") == time and bool(message.get("reply_count") or message.get("replies"))


def _is_preview(attachment: Json, message: Json) -> bool:
    """What Slack shows of a link in the text. A program's own attachment has none of these."""
    return bool(attachment.get("from_url") or attachment.get("original_url")) and not (
        message.get("bot_id") or attachment.get("is_share")
    )
