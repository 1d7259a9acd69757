"""People, and the files beside the messages, in what DiscordChatExporter has written."""

import re
from collections.abc import Iterator, Mapping

from fechatter.archives.records import AnyRecord, File, Member, Person
from fechatter.converters import texts
from fechatter.converters.converting import Converter, Json


class DiscordPeople:
    """There is no list of people and members: they are who has written, and whom messages name."""

    def __init__(self, discord: Converter, authors: Mapping[str, tuple[Json, str]]) -> None:
        """`authors`: who has written, by id, each with the folder of the file that has them."""
        self._discord = discord
        self._authors = authors
        self._members: set[tuple[str, str]] = set()

    def writer(self, key: str) -> Iterator[AnyRecord]:
        yield from self.named(*self._authors[key])

    def named(self, person: Json, folder: str) -> Iterator[AnyRecord]:
        """Somebody whom a message names: its author, or whom it mentions, or who reacted."""
        key = id_of(person)
        if not key or key in self._discord.people:
            return
        author, folder = self._authors.get(key, (person, folder))
        name = texts.line(author.get("name")) or key
        picture = media(self._discord, author.get("avatarUrl"), folder)
        if picture:
            yield File(id=f"avatar:{key}"[:200], path=picture, name=picture.rpartition("/")[2])
        yield from self._discord.person(
            Person(
                id=key,
                fullname=texts.line(author.get("nickname")) or name,
                username=name,
                type="bot" if author.get("isBot") is True else "person",
                avatar=f"avatar:{key}"[:200] if picture else None,
            ),
            name,
        )

    def member(self, chat: str, person: str) -> Iterator[AnyRecord]:
        if (chat, person) not in self._members:
            self._members.add((chat, person))
            yield Member(chat=chat, person=person)


def id_of(given: Json) -> str:
    return texts.line(str(given.get("id") or ""))[:200]


def media(discord: Converter, url: object, folder: str) -> str | None:
    """Where a file is in the export, if it was downloaded (`--media`); an address of the web is no place in it. Paths
    are from the folder of the messages, or from one above: some move the files of threads into a folder of their own.
    """
    path = texts.clean(url).replace("\\", "/")
    if not path or re.match(r"[a-z]+://", path):
        return None
    folders = [part for part in folder.split("/") if part]
    for depth in range(len(folders), -1, -1):
        if (name := _joined(folders[:depth], path)) in discord.export:
            return discord.export.whole(name)
    return None


def _joined(folders: list[str], path: str) -> str:
    parts = list(folders)
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
