"""A folder or zip of files that DiscordChatExporter has written with `--format Json`, a channel or thread in each.

https://github.com/Tyrrrz/DiscordChatExporter; docs/import/discord.md says what becomes of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from fechatter.archives.records import AnyRecord, Archive, Chat, ChatType, Workspace
from fechatter.archives.source import BadArchive, Source
from fechatter.converters import json_stream, texts
from fechatter.converters.converting import Converter, Json, an_object
from fechatter.converters.discord.markup import Markup
from fechatter.converters.discord.messages import DiscordMessages, Thread
from fechatter.converters.discord.people import DiscordPeople, id_of

_DIRECT: Final = ("DirectTextChat", "DirectMessage")
_GROUPS: Final = ("DirectGroupTextChat", "DirectGroupMessage")
_PART: Final = re.compile(r"(?: \[part (\d+)\])?\.json$")


@dataclass
class Channel:
    """One channel or thread, of which there may be several files."""

    guild: Json
    about: Json
    files: list[str] = field(default_factory=list)
    writers: dict[str, None] = field(default_factory=dict)  # ids of those who wrote in it, in the order of their first

    @property
    def key(self) -> str:
        return id_of(self.about)

    @property
    def is_thread(self) -> bool:
        return "Thread" in str(self.about.get("type"))

    @property
    def is_group(self) -> bool:
        return str(self.about.get("type")) in _GROUPS

    @property
    def is_direct(self) -> bool:
        return self.is_group or str(self.about.get("type")) in _DIRECT

    @property
    def name(self) -> str:
        return texts.line(self.about.get("name")) or self.key

    @property
    def parent(self) -> str:
        return texts.line(str(self.about.get("categoryId") or ""))[:200]


class Discord(Converter):
    def __init__(self, source: Source, *, public: bool = False) -> None:
        """`public`: what is a channel of a server becomes one that everybody may join."""
        self._public = public
        super().__init__(source)

    def _records(self) -> Iterator[AnyRecord]:
        channels = self._channels()
        guilds = {
            id_of(channel.guild): channel.guild for channel in channels if channel.guild.get("id") not in (None, "0")
        }
        if len(guilds) > 1:
            raise BadArchive(
                f"{self.path} has channels of {len(guilds)} servers: import the files of each by themselves"
            )
        guild = next(iter(guilds.values()), {})
        yield Archive(version=1, source="discord", origin=id_of(guild) or "direct")
        yield Workspace(name=(texts.line(guild.get("name")) or "Discord")[:80])
        markup = Markup({channel.key: channel.name for channel in channels}, self.expand)
        threads = {channel.key: Thread(channel.parent, channel.name) for channel in channels if channel.is_thread}
        people = DiscordPeople(self, self._authors(channels))
        messages = DiscordMessages(self, people, markup, threads)
        known: set[str] = set()
        for channel in sorted(channels, key=lambda channel: channel.is_thread):
            chat = channel.parent if channel.is_thread else channel.key
            if not chat:
                self.report.lose("threads without a channel", channel.key)
                continue
            if chat not in known:
                known.add(chat)
                yield from self._chat(chat, channel, guild, people)
            thread = threads[channel.key] if channel.is_thread else None
            yield from messages.records(self._messages(channel), chat, thread)

    def _channels(self) -> list[Channel]:
        """In the order of their files' names, the parts of each in that of their numbers."""
        found: dict[str, Channel] = {}
        names = [name for name in self.export.names() if name.endswith(".json")]
        names.sort(key=lambda name: (_PART.sub("", name), int((_PART.search(name) or [0, 0])[1] or 1)))
        for name in names:
            guild, about = self._head(name)
            if not id_of(about):
                raise BadArchive(f"{name}: expected an export of DiscordChatExporter, with the member channel first")
            channel = found.setdefault(id_of(about), Channel(guild, about))
            channel.files.append(name)
        if not found:
            raise BadArchive(f"{self.path}: expected files of DiscordChatExporter in JSON in it")
        return list(found.values())

    def _head(self, name: str) -> tuple[Json, Json]:
        with self.export.open(name) as opened:
            head = {key: value for key, value in islice(json_stream.members(opened, name), 2) if key is not None}
        return an_object(head.get("guild")), an_object(head.get("channel"))

    def _messages(self, channel: Channel) -> Iterator[tuple[str, Json]]:
        """With the folder of the file, in which its media are."""
        for name in channel.files:
            with self.export.open(name) as opened:
                for key, value in json_stream.members(opened, name):
                    if key == "messages" and isinstance(value, dict):
                        yield name.rpartition("/")[0], value

    def _authors(self, channels: list[Channel]) -> dict[str, tuple[Json, str]]:
        """Who has written, as their messages have them, and the folder of these. Reactions and mentions have less of
        them, and may come first: no nickname of the server, in older exports no picture.
        """
        found: dict[str, tuple[Json, str]] = {}
        for channel in channels:
            for folder, message in self._messages(channel):
                author = an_object(message.get("author"))
                if key := id_of(author):
                    channel.writers.setdefault(key)
                    found.setdefault(key, (author, folder))
        return found

    def _chat(self, key: str, channel: Channel, guild: Json, people_of: DiscordPeople) -> Iterator[AnyRecord]:
        direct = channel.is_direct or not guild
        people = channel.writers if direct else {}  # an export has no list of members
        kind: ChatType = "PublicChannel" if self._public else "PrivateChannel"
        if direct:
            kind = "Single" if len(people) == 2 and not channel.is_group else "Group"
        # Of a forum there are its threads alone, which know its name.
        name = texts.line(channel.about.get("category")) if channel.is_thread else channel.name
        for person in people:
            yield from people_of.writer(person)
        yield Chat(
            id=key[:200],
            type=kind,
            name="" if direct and not channel.is_group else name or key,
            description="" if channel.is_thread else texts.clean(channel.about.get("topic")),
        )
        for person in people:
            yield from people_of.member(key, person)
