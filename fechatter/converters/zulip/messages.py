"""The messages of a Zulip export. Topics of channels become threads (ADR 88)."""

import hashlib
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Final

from fechatter.archives.records import AnyRecord, Chat, Edit, File, Member, Message, Reaction
from fechatter.converters import json_stream, texts
from fechatter.converters.converting import Converter, Json, number_of, objects, seconds
from fechatter.converters.emoji import of_code_points
from fechatter.converters.zulip import markup
from fechatter.converters.zulip.realm import GROUP, PERSONAL, STREAM, Realm

_RESOLVED: Final = "✔ "
_MOST_EDITS: Final = 100
_MOST_WAITING: Final = 10_000
_TABLE: Final = "zerver_message"
Topic = tuple[int, str]


class ZulipMessages:
    def __init__(self, zulip: Converter, realm: Realm, markup: markup.Markup) -> None:
        self._zulip = zulip
        self._realm = realm
        self._threads: dict[Topic, tuple[str, datetime]] = {}  # of each topic the first message, and its time
        self._earliest: dict[Topic, tuple[datetime, int]] = {}  # of each topic, which message is to be that
        self._chats: set[str] = set()
        self._markup = markup
        self._uploads = {texts.clean(row.get("path_id")): row for row in self._attachments() if row.get("path_id")}

    def records(self) -> Iterator[AnyRecord]:
        """Reads them twice: they are in the order of ids, and what was imported into Zulip got new ones."""
        for _, row in self._rows(whole=False):
            self._look_at(row)
        waiting: list[tuple[str, Json]] = []
        for name, row in self._rows(whole=True):
            if self._is_early(row) and len(waiting) < _MOST_WAITING:
                waiting.append((name, row))
            else:
                yield from self._message(row, name)
        for name, row in waiting:
            yield from self._message(row, name)

    def _rows(self, *, whole: bool) -> Iterator[tuple[str, Json]]:
        """With their files. Not `whole`: what follows the messages, which is longer than they are, is not read."""
        for name in self._zulip.export.names("messages-"):
            if not name.endswith(".json"):
                continue
            begun = False
            with self._zulip.export.open(name) as opened:
                for table, row in json_stream.members(opened, name):
                    if table == _TABLE and isinstance(row, dict):
                        begun = True
                        yield name, row
                    elif begun and not whole:
                        break

    def _topic_of(self, row: Json) -> Topic | None:
        """None of what is in no topic."""
        kind, of = self._realm.recipients.get(number_of(row.get("recipient")) or 0, (0, 0))
        topic = texts.line(row.get("subject")).removeprefix(_RESOLVED).casefold()
        return (of, topic) if kind == STREAM and topic and topic != "(no topic)" else None

    def _look_at(self, row: Json) -> None:
        key, at, topic = number_of(row.get("id")), _time_of(row), self._topic_of(row)
        if topic and at and key is not None and number_of(row.get("sender")) is not None:
            self._earliest[topic] = min(self._earliest.get(topic, (at, key)), (at, key))

    def _is_early(self, row: Json) -> bool:
        """Whether the message that begins its topic is still to come."""
        topic = self._topic_of(row)
        return topic in self._earliest and topic not in self._threads and self._earliest[topic][1] != row.get("id")

    def _attachments(self) -> Iterator[Json]:
        if "attachment.json" in self._zulip.export:
            with self._zulip.export.open("attachment.json") as opened:
                for table, row in json_stream.members(opened, "attachment.json"):
                    if table == "zerver_attachment" and isinstance(row, dict):
                        yield {key: row.get(key) for key in ("id", "path_id", "file_name", "owner", "create_time")}

    def _message(self, row: Json, where: str) -> Iterator[AnyRecord]:
        key, sender, at = number_of(row.get("id")), number_of(row.get("sender")), _time_of(row)
        recipient = number_of(row.get("recipient")) or 0
        kind, of = self._realm.recipients.get(recipient, (0, 0))
        if key is None or sender is None or at is None:
            self._zulip.report.lose("messages without an id, a time or a sender", where)
            return
        yield from self._zulip.stranger(str(sender))
        made = Message(id=str(key), chat="", sender=str(sender), created_at=at)
        title = ""
        if kind == STREAM and of in self._realm.streams:
            made.chat = f"stream:{of}"
            title = self._thread(made, self._topic_of(row), texts.line(row.get("subject")))
        elif kind in (PERSONAL, GROUP):
            made.chat = yield from self._direct(self._people_of(kind, of, recipient, sender))
        else:
            self._zulip.report.lose("messages to nobody in the export", f"message {key}")
            return
        yield from self._whole(row, made, title)

    def _thread(self, made: Message, topic: Topic | None, title: str) -> str:
        """Puts a message into the thread of its topic. Returns the title if it begins the thread."""
        if topic is None:
            return ""
        first = self._threads.get(topic)
        if first is None:
            self._threads[topic] = (made.id, made.created_at)
            return title
        made.reply_to = first[0]
        made.created_at = max(made.created_at, first[1])
        return ""

    def _people_of(self, kind: int, of: int, recipient: int, sender: int) -> set[int]:
        if kind == PERSONAL:
            return {of, sender}
        return {row["user_profile"] for row in self._realm.members.get(recipient, ())} | {sender}

    def _direct(self, people: set[int]) -> Generator[AnyRecord, None, str]:
        """The chat of these people: those of two may be of either kind of recipient, and are one here."""
        names = ",".join(map(str, sorted(people)))
        key = f"direct:{names if len(names) < 150 else hashlib.sha256(names.encode()).hexdigest()}"
        if key not in self._chats:
            self._chats.add(key)
            for person in sorted(people):
                yield from self._zulip.stranger(str(person))
            yield Chat(id=key, type="Single" if len(people) == 2 else "Group")
            for person in sorted(people):
                yield Member(chat=key, person=str(person))
        return key

    def _whole(self, row: Json, made: Message, title: str) -> Iterator[AnyRecord]:
        said = texts.clean(row.get("content"))
        text, paths = markup.without_uploads(said)
        text = markup.markdown(text, self._markup)
        if title:
            text = f"**{markup.as_text(title)}**" + (f"\n\n{text}" if text.strip() else "")
        made.content = self._zulip.content(text)
        edits = self._edits(row)
        if edits:
            made.updated_at = seconds(edits[-1].get("timestamp"))
            made.edits = list(self._earlier(edits, made))[-_MOST_EDITS:]
        made.reactions = yield from self._reactions(int(made.id))
        if row.get("submessages") or said.startswith(("/poll", "/todo")):
            self._zulip.report.lose("answers to polls and lists of tasks", f"message {made.id}")
        yield from self._zulip.message(made, list(self._files(paths, made)))

    def _edits(self, row: Json) -> list[Json]:
        """Of the text, the oldest first."""
        given = row.get("edit_history")
        history = json_stream.parse(given, "edit_history") if isinstance(given, str) and given else given
        found = [entry for entry in objects(history) if isinstance(entry.get("prev_content"), str)]
        return found[::-1]

    def _earlier(self, edits: list[Json], made: Message) -> Iterator[Edit]:
        written = made.created_at
        for entry in edits:
            text = markup.markdown(markup.without_uploads(texts.clean(entry["prev_content"]))[0], self._markup)
            if text.strip():
                yield Edit(content=self._zulip.content(text), written_at=written)
            written = max(written, seconds(entry.get("timestamp")) or written)

    def _reactions(self, message: int) -> Generator[AnyRecord, None, list[Reaction]]:
        found = []
        for person, name, code in self._realm.reactions.of(message):
            emoji = of_code_points(code) if code else None
            emoji = emoji or self._zulip.reaction(name, f"message {message}")
            if emoji:
                yield from self._zulip.stranger(str(person))
                found.append(Reaction(emoji=emoji, person=str(person)))
        return found

    def _files(self, paths: list[str], made: Message) -> Iterator[File]:
        for path in dict.fromkeys(paths):
            row = self._uploads.get(path, {})
            owner = row.get("owner")
            name = texts.line(row.get("file_name")) or path.rpartition("/")[2]
            known = isinstance(owner, int) and str(owner) in self._zulip.people
            yield File(
                id=path[-200:],
                path=self._zulip.export.whole(f"uploads/{path}")[-1024:],
                name=name or "file",
                uploader=str(owner) if known else made.sender,
                created_at=seconds(row.get("create_time")),
            )


def _time_of(row: Json) -> datetime | None:
    return seconds(row.get("date_sent") or row.get("pub_date"))
