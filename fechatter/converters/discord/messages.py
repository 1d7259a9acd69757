"""The messages of a channel, or a thread, that DiscordChatExporter has written."""

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fechatter.archives.records import AnyRecord, Content, Emoji, File, Message, Pin, Reaction
from fechatter.converters import texts
from fechatter.converters.converting import Converter, Json, an_object, iso, objects
from fechatter.converters.discord.markup import Markup, markdown
from fechatter.converters.discord.people import DiscordPeople, id_of, media

# Applications' commands have numbers in versions that do not know their names.
_SAID: Final = ("Default", "Reply", "20", "23", "ChatInputCommand", "ContextMenuCommand")
_NOTICES: Final = {
    "GuildMemberJoin": "notices of joining or leaving",
    "RecipientAdd": "notices of joining or leaving",
    "RecipientRemove": "notices of joining or leaving",
    "Call": "calls",
}
_STARTERS: Final = ("ThreadStarterMessage", "21")


@dataclass
class Thread:
    """A thread, and its first message once that is known."""

    chat: str
    name: str
    first: str | None = None
    began_at: datetime | None = None


class DiscordMessages:
    def __init__(
        self, discord: Converter, people: DiscordPeople, markup: Markup, threads: Mapping[str, Thread]
    ) -> None:
        self._discord = discord
        self._people = people
        self._markup = markup
        self._threads = threads
        self._emoji: set[str] = set()  # ids of custom emoji

    def records(self, messages: Iterator[tuple[str, Json]], chat: str, thread: Thread | None) -> Iterator[AnyRecord]:
        """`messages` with the folders that their files are in."""
        seen: set[str] = set()
        for folder, message in messages:
            key, at = id_of(message), iso(message.get("timestamp"))
            if not key or at is None:
                self._discord.report.lose("messages without an id or a time", chat)
            elif key in seen:
                self._discord.report.lose("messages that are in the export twice", key)
            else:
                made = Message(id=key, chat=chat, sender="", created_at=at)
                if (yield from self._message(message, made, thread, folder, seen)):
                    seen.add(key)

    def _message(
        self, message: Json, made: Message, thread: Thread | None, folder: str, seen: set[str]
    ) -> Generator[AnyRecord, None, bool]:
        kind = str(message.get("type") or "Default")
        reference = an_object(message.get("reference"))
        begun = self._threads.get(made.id if thread is None else "")
        if kind == "ThreadCreated" and thread is None:
            # Its reference is the thread. Of one that began with a message, that message is the beginning.
            begun = self._threads.get(id_of({"id": reference.get("channelId")}))
            begun = begun if begun and begun.first is None else None
        begun = begun if begun and begun.chat == made.chat else None
        if kind in _STARTERS or (kind not in _SAID and not (kind == "ThreadCreated" and begun)):
            if kind == "ThreadCreated":
                if id_of({"id": reference.get("channelId")}) not in self._threads:
                    self._discord.report.lose("threads that are not in the export", made.id)
            elif kind not in _STARTERS:
                self._discord.report.lose(_NOTICES.get(kind, f"notices of Discord ({texts.line(kind)[:30]})"), made.id)
            return False
        author = an_object(message.get("author"))
        made.sender = id_of(author) or "unknown"
        yield from self._people.named(author, folder)
        yield from self._discord.stranger(made.sender, "Unknown")
        yield from self._people.member(made.chat, made.sender)
        # What is forwarded is no answer: it stays where it is, and its words are quoted.
        answered = "" if message.get("forwardedMessage") else id_of({"id": reference.get("messageId")})
        title = self._place(made, thread, answered, seen)
        if kind == "ThreadCreated" and begun:
            title, message = begun.name, {**message, "content": ""}
        written = yield from self._whole(message, made, folder, title)
        if written and begun and begun.first is None:
            begun.first, begun.began_at = made.id, made.created_at
        if written and thread and thread.first is None:
            thread.first, thread.began_at = made.id, made.created_at
        return written

    def _place(self, made: Message, thread: Thread | None, answered: str, seen: set[str]) -> str:
        """Puts a message into its thread. Returns the thread's name if the message has to begin it."""
        if thread and thread.first is None:
            return thread.name
        if answered in seen:
            made.reply_to = answered
        elif thread:
            made.reply_to = thread.first
        elif answered:
            self._discord.report.lose("the threads of replies whose first message is not in the export", made.id)
        if thread and thread.began_at:
            made.created_at = max(made.created_at, thread.began_at)
        return ""

    def _whole(self, message: Json, made: Message, folder: str, title: str) -> Generator[AnyRecord, None, bool]:
        yield from self._custom_emoji(message, folder)
        mentioned = objects(message.get("mentions"))
        for person in mentioned:
            yield from self._people.named(person, folder)
        files = list(self._files(message, made, folder))
        made.content = yield from self._content(message, mentioned, title)
        made.updated_at = iso(message.get("timestampEdited"))
        made.pin = Pin() if message.get("isPinned") is True else None
        made.reactions = yield from self._reactions(message, made.id, folder)
        return (yield from self._discord.message(made, files))

    def _content(self, message: Json, mentioned: list[Json], title: str) -> Generator[AnyRecord, None, Content]:
        known = [person for person in mentioned if id_of(person)]
        names = {texts.line(person.get(part)): id_of(person) for part in ("name", "nickname") for person in known}
        said = texts.clean(message.get("content"))
        forwarded = an_object(message.get("forwardedMessage"))
        quote = markdown(texts.clean(forwarded.get("content")), {}, self._markup)
        parts = [
            f"**{title}**" if title else "",
            markdown(said, names, self._markup),
            texts.quoted(quote) if quote else "",
            *(self._embed(embed) for embed in objects(message.get("embeds")) if not _is_preview(embed, message)),
        ]
        text = "\n".join(filter(str.strip, parts))
        for person in texts.mentioned(text):
            yield from self._discord.stranger(person)
        return self._discord.content(text)

    def _embed(self, embed: Json) -> str:
        """What a bot shows."""
        title = texts.line(embed.get("title"))
        fields = (
            f"**{texts.line(each.get('name'))}** {texts.clean(each.get('value'))}"
            for each in objects(embed.get("fields"))
        )
        lines = [
            texts.line(an_object(embed.get("author")).get("name")),
            f"**{texts.link(title, texts.clean(embed.get('url')))}**" if title else "",
            texts.clean(embed.get("description")),
            *fields,
            texts.line(an_object(embed.get("footer")).get("text")),
        ]
        shown = markdown("\n".join(filter(None, lines)), {}, self._markup)
        return texts.quoted(shown) if shown.strip() else ""

    def _custom_emoji(self, message: Json, folder: str) -> Iterator[AnyRecord]:
        reacted = [an_object(each.get("emoji")) for each in objects(message.get("reactions"))]
        for emoji in (*objects(message.get("inlineEmojis")), *reacted):
            key, name = id_of(emoji), texts.line(emoji.get("name"))
            if not key or key in self._emoji:
                continue
            self._emoji.add(key)
            picture = media(self._discord, emoji.get("imageUrl"), folder)
            ours = self._discord.emoji.add(name) if picture else None
            if not picture or not ours:
                self._discord.report.lose("custom emoji without a picture or a name of their own, or above 500", name)
                continue
            yield File(id=f"emoji:{key}"[:200], path=picture, name=picture.rpartition("/")[2])
            yield Emoji(name=ours, file=f"emoji:{key}"[:200])

    def _reactions(self, message: Json, key: str, folder: str) -> Generator[AnyRecord, None, list[Reaction]]:
        found: list[Reaction] = []
        for each in objects(message.get("reactions")):
            emoji = an_object(each.get("emoji"))
            name = texts.line(emoji.get("name"))
            sign = self._discord.reaction(name, key) if name.isascii() or id_of(emoji) else name
            people, count = objects(each.get("users")), each.get("count")
            if isinstance(count, int) and count > len(people):
                what = "reactions of people whom the export does not name"
                self._discord.report.lose(what, key, count - len(people))
            for person in people if sign else ():
                yield from self._people.named(person, folder)
                if id_of(person):
                    found.append(Reaction(emoji=(sign or "")[:64], person=id_of(person)))
        return found

    def _files(self, message: Json, made: Message, folder: str) -> Iterator[File]:
        forwarded = an_object(message.get("forwardedMessage"))
        for each in (*objects(message.get("attachments")), *objects(forwarded.get("attachments"))):
            key = id_of(each)
            if key:
                yield self._file(key, each.get("url"), texts.line(each.get("fileName")) or key, made, folder)
        for each in (*objects(message.get("stickers")), *objects(forwarded.get("stickers"))):
            key, name = id_of(each), texts.line(each.get("name")) or "sticker"
            if key and media(self._discord, each.get("sourceUrl"), folder):
                yield self._file(f"sticker:{key}", each.get("sourceUrl"), name, made, folder)
            else:
                self._discord.report.lose("stickers without a picture", made.id)

    def _file(self, key: str, url: object, name: str, made: Message, folder: str) -> File:
        path = media(self._discord, url, folder)
        return File(
            id=key,
            path=path or f"missing/{key}",
            name=name,
            uploader=made.sender or None,
            created_at=made.created_at,
        )


def _is_preview(embed: Json, message: Json) -> bool:
    """What Discord shows of a link in the text. People write no embeds of their own, so theirs are of their links, of
    which Discord may know another address.
    """
    said, url = texts.clean(message.get("content")), texts.clean(embed.get("url"))
    if an_object(message.get("author")).get("isBot") is True:
        return bool(url) and url in said
    return re.search(r"https?://", said) is not None
