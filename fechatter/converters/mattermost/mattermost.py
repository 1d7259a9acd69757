"""A bulk export of Mattermost: a file of JSON Lines, and data/ with files beside it.

https://docs.mattermost.com/onboard/bulk-loading-data-format.html; docs/import/mattermost.md says what becomes of it.
"""

import hashlib
import re
from collections.abc import Generator, Iterator
from typing import Final

from fechatter.archives.records import (
    AnyRecord,
    Archive,
    Chat,
    Emoji,
    File,
    Member,
    Message,
    Person,
    Pin,
    Reaction,
    Workspace,
)
from fechatter.archives.source import BadArchive, Source
from fechatter.converters import json_stream, texts
from fechatter.converters.converting import Converter, Json, an_object, key_of, milliseconds, objects, role, strings
from fechatter.converters.mattermost import markup

_NEEDED_FIRST: Final = re.compile(rb'"type"\s*:\s*"(?:emoji|team)"')
_SAID: Final = ("", "me", "slack_attachment")


class Mattermost(Converter):
    def __init__(self, source: Source, team: str | None = None) -> None:
        self._wanted = team
        super().__init__(source)

    def _begin(self) -> None:
        super()._begin()
        self._team = ""
        self._members: frozenset[str] = frozenset()
        self._channels: set[str] = set()
        self._headers: dict[str, str] = {}  # of direct chats
        self._ids: dict[int, int] = {}  # how often an id was made, by its digest
        self._in_team: dict[str, bool] = {}  # false of those who are only in others; who is in none is not here
        self._lines = self._find_lines()

    def _find_lines(self) -> str:
        names = [name for name in self.export.names() if name.endswith((".jsonl", ".json"))]
        if not names:
            raise BadArchive(f"{self.path}: expected a file of JSON Lines in it, such as import.jsonl")
        found = min(names, key=lambda name: (not name.endswith(".jsonl"), name.count("/"), name))
        self.export.move_to(found.rpartition("/")[2])
        return found.rpartition("/")[2]

    def _records(self) -> Iterator[AnyRecord]:
        teams, emoji = self._read_first()
        teams = [team for team in teams if key_of(team.get("name"))]
        names = [key_of(team.get("name")) for team in teams]
        if self._wanted is None and len(names) != 1:
            raise BadArchive(
                f"{self.path} has {len(names)} teams: say with --team which to import"
                + (f": {', '.join(names[:10])}" if names else "")
            )
        self._team = self._wanted or names[0]
        if self._team not in names:
            raise BadArchive(f"{self.path} has no team {self._team!r}: it has {', '.join(names[:10]) or 'none'}")
        team = teams[names.index(self._team)]
        yield Archive(version=1, source="mattermost", origin=self._team[:200])
        yield Workspace(
            name=(texts.line(team.get("display_name")) or self._team)[:80],
            description=texts.clean(team.get("description"))[:1000],
        )
        yield from self._all_emoji(emoji)
        for number, kind, value in self._read():
            made = {
                "channel": self._channel,
                "user": self._user,
                "bot": self._bot,
                "post": self._post,
                "direct_channel": self._direct_channel,
                "direct_post": self._direct_post,
            }.get(kind)
            if made is not None:
                yield from made(value, number)
            elif kind not in ("version", "team", "emoji"):
                self.report.lose(f"lines of the type {texts.line(kind)[:40]}", f"line {number}")
        for key in sorted(self._headers.keys() - self._channels):
            self.report.lose("direct chats without messages", key)

    def _lines_of(self) -> Iterator[tuple[int, bytes]]:
        with self.export.open(self._lines) as opened:
            number = 0
            while line := opened.readline(json_stream.LARGEST + 1):
                number += 1
                if len(line) > json_stream.LARGEST:
                    raise BadArchive(f"{self._lines}: line {number} has more than {json_stream.LARGEST >> 20} MiB")
                if not line.isspace():
                    yield number, line

    def _read(self) -> Iterator[tuple[int, str, Json]]:
        for number, line in self._lines_of():
            found = json_stream.parse(line, f"{self._lines}: line {number}")
            kind = found.get("type") if isinstance(found, dict) else None
            if not isinstance(kind, str):
                raise BadArchive(f"{self._lines}: line {number}: expected an object with a type")
            yield number, kind, an_object(found.get(kind))

    def _read_first(self) -> tuple[list[Json], list[Json]]:
        """Teams and emoji: older versions write emoji after the messages that use them."""
        found: dict[str, list[Json]] = {"team": [], "emoji": []}
        for number, line in self._lines_of():
            if _NEEDED_FIRST.search(line[:200]):
                value = an_object(json_stream.parse(line, f"{self._lines}: line {number}"))
                kind = value.get("type")
                if kind in found:
                    found[kind].append(an_object(value.get(kind)))
        return found["team"], found["emoji"]

    def _file(self, path: str, **more: object) -> File:
        """Paths are below data/, or below where the lines are."""
        inside = f"data/{path}" if f"data/{path}" in self.export else path
        whole = self.export.whole(inside)[-1024:]
        return File(id=path[-200:], path=whole, name=texts.line(path.rpartition("/")[2]) or "file", **more)  # type: ignore[arg-type]

    def _all_emoji(self, emoji: list[Json]) -> Iterator[AnyRecord]:
        for each in emoji:
            name, path = texts.line(each.get("name")), texts.clean(each.get("image"))
            ours = self.emoji.add(name) if path else None
            if ours is None:
                self.report.lose("custom emoji without a picture or a name of their own, or above 500", name)
                continue
            file = self._file(path)
            yield file
            yield Emoji(name=ours, file=file.id)

    def _channel(self, channel: Json, number: int) -> Iterator[AnyRecord]:
        name = texts.line(channel.get("name"))
        if channel.get("team") != self._team or not name or name in self._channels:
            return
        self._channels.add(name)
        about = [texts.clean(channel.get(part)) for part in ("purpose", "header")]
        deleted = milliseconds(channel.get("deleted_at") or 0)
        yield Chat(
            id=f"{self._team}/{name}"[:200],
            type="PrivateChannel" if channel.get("type") == "P" else "PublicChannel",
            name=texts.line(channel.get("display_name")) or name,
            description="\n\n".join(dict.fromkeys(filter(None, about))),
            archived_at=deleted,
        )

    def _user(self, user: Json, number: int) -> Iterator[AnyRecord]:
        key = key_of(user.get("username"))
        if not key:
            self.report.lose("people without a name", f"line {number}")
            return
        roles = texts.line(user.get("roles")).split()
        team = next((team for team in objects(user.get("teams")) if team.get("name") == self._team), None)
        gone = bool(user.get("delete_at"))
        guest = "system_guest" in roles
        if guest and not gone:
            self.report.lose("the membership of guests, who are in no workspace here", key)
        parts = (texts.line(user.get("first_name")), texts.line(user.get("last_name")))
        avatar = yield from self._avatar(user)
        if objects(user.get("teams")):
            self._in_team[key] = team is not None
        team_roles = texts.line((team or {}).get("roles")).split()
        yield from self.person(
            Person(
                id=key,
                fullname=" ".join(filter(None, parts)) or texts.line(user.get("nickname")) or key,
                username=key,
                email=texts.line(user.get("email")) or None,
                active=not gone,
                role=None
                if gone or guest or team is None
                else role(owner="system_admin" in roles, admin="team_admin" in team_roles),
                avatar=avatar,
            )
        )
        yield from self._memberships(key, objects((team or {}).get("channels")))

    def _avatar(self, user: Json) -> Generator[AnyRecord, None, str | None]:
        picture = texts.clean(user.get("profile_image"))
        if not picture:
            return None
        yield (file := self._file(picture))
        return file.id

    def _memberships(self, key: str, channels: list[Json]) -> Iterator[Member]:
        for name, channel in {texts.line(channel.get("name")): channel for channel in channels}.items():
            if name not in self._channels:
                continue
            roles = texts.line(channel.get("roles")).split()
            unread = an_object(channel.get("notify_props")).get("mark_unread")
            yield Member(
                chat=f"{self._team}/{name}"[:200],
                person=key,
                role="admin" if "channel_admin" in roles else "member",
                notifications="mentions" if unread == "mention" else "all",
            )

    def _bot(self, bot: Json, number: int) -> Iterator[AnyRecord]:
        key = key_of(bot.get("username"))
        if key:
            name = texts.line(bot.get("display_name")) or key
            active = not bot.get("delete_at")
            self._in_team[key] = True
            avatar = yield from self._avatar(bot)
            yield from self.person(
                Person(id=key, fullname=name, username=key, type="bot", active=active, avatar=avatar)
            )

    def _direct_channel(self, channel: Json, number: int) -> Iterator[AnyRecord]:
        """An export has one for everybody whose profile somebody has opened: the chat comes with its first message."""
        members = strings(channel.get("members")) or _participants(channel)
        if self._is_ours(members):
            self._headers[_direct_key(members)] = texts.clean(channel.get("header"))[:1000]
        yield from ()

    def _is_ours(self, members: list[str]) -> bool:
        """Whether a direct chat is this team's affair: somebody is in it, and nobody in other teams only."""
        teams = {self._in_team.get(person) for person in members}
        return True in teams and False not in teams

    def _direct(self, members: list[str]) -> Generator[AnyRecord, None, str | None]:
        """The chat of these people; None if it is another team's affair."""
        if not self._is_ours(members):
            return None
        key, people = _direct_key(members), sorted(set(members))
        if key not in self._channels:
            self._channels.add(key)
            for person in people:
                yield from self.stranger(person)
            yield Chat(id=key, type="Single" if len(people) == 2 else "Group", description=self._headers.get(key, ""))
            for person in people:
                yield Member(chat=key, person=person)
        return key

    def _direct_post(self, post: Json, number: int) -> Iterator[AnyRecord]:
        members = strings(post.get("channel_members"))
        chat = yield from self._direct(members)
        if chat is None:
            what = "direct messages with people of other teams" if members else "direct messages between nobody"
            self.report.lose(what, f"line {number}")
        else:
            yield from self._thread(post, chat, number)

    def _post(self, post: Json, number: int) -> Iterator[AnyRecord]:
        if post.get("team") != self._team:
            return
        name = texts.line(post.get("channel"))
        if name not in self._channels:
            self.report.lose("messages in channels that are not in the export", f"line {number}")
            return
        yield from self._thread(post, f"{self._team}/{name}"[:200], number)

    def _thread(self, post: Json, chat: str, number: int) -> Iterator[AnyRecord]:
        root = yield from self._message(post, chat, None, number)
        for reply in objects(post.get("replies")):
            yield from self._message(reply, chat, root, number)

    def _message(
        self, post: Json, chat: str, root: Message | None, number: int
    ) -> Generator[AnyRecord, None, Message | None]:
        where = f"line {number}"
        kind = texts.line(post.get("type"))
        sender = key_of(post.get("user"))
        at = milliseconds(post.get("create_at"))
        if kind.startswith("system_"):
            what = "joining or leaving" if re.search("join|leave|add|remove", kind) else texts.line(kind)[:40]
            self.report.lose(f"notices of {what}", where)
            return None
        if at is None or not sender:
            self.report.lose("messages without a time or a sender", where)
            return None
        if root and at < root.created_at:
            at = root.created_at
        if kind not in _SAID:
            self.report.lose(f"what only Mattermost shows of messages ({texts.line(kind)[:40]})", where)
        yield from self.stranger(sender)
        text = self._text(post, kind)
        for person in texts.mentioned(text):
            yield from self.stranger(person)
        edited = milliseconds(post.get("edit_at") or 0)
        made = Message(
            id=self._id(f"{root.id if root else chat}:{post.get('create_at')}:{sender}"),
            chat=chat,
            sender=sender,
            created_at=at,
            content=self.content(text),
            reply_to=root.id if root else None,
            updated_at=edited,
            pin=Pin() if post.get("is_pinned") is True else None,
        )
        made.reactions = yield from self._reactions(post, made.id)
        files = [
            self._file(path, uploader=sender, created_at=at)
            for each in objects(post.get("attachments"))
            if (path := texts.clean(each.get("path")))
        ]
        written = yield from self.message(made, files)
        return made if written else None

    def _text(self, post: Json, kind: str) -> str:
        said = texts.clean(post.get("message"))
        known = self.people

        def name(person: str) -> str | None:
            return person if person in known else None

        text = markup.markdown(said, name, lambda channel: channel in self._channels, self.expand)
        attachments = objects(an_object(post.get("props")).get("attachments"))
        shown = [text, *(markup.attachment(each, self.expand) for each in attachments)]
        text = "\n".join(filter(None, shown))
        return f"_{text}_" if kind == "me" and text else text

    def _id(self, wanted: str) -> str:
        """Posts have no ids: they are known by their channel, time and author. Two of one millisecond are numbered."""
        if len(wanted) > 180:
            wanted = hashlib.sha256(wanted.encode()).hexdigest()
        digest = int.from_bytes(hashlib.blake2b(wanted.encode(), digest_size=7).digest())
        number = self._ids[digest] = self._ids.get(digest, 0) + 1
        return wanted if number == 1 else f"{wanted}:{number}"

    def _reactions(self, post: Json, key: str) -> Generator[AnyRecord, None, list[Reaction]]:
        found = []
        for each in objects(post.get("reactions")):
            person = key_of(each.get("user"))
            emoji = self.reaction(texts.line(each.get("emoji_name")), key) if person else None
            if emoji:
                yield from self.stranger(person)
                found.append(Reaction(emoji=emoji, person=person, created_at=milliseconds(each.get("create_at"))))
        return found


def _direct_key(members: list[str]) -> str:
    key = "direct:" + ",".join(sorted(set(members)))
    return key if len(key) <= 200 else "direct:" + hashlib.sha256(key.encode()).hexdigest()


def _participants(channel: Json) -> list[str]:
    """Later versions list people with their settings."""
    return strings([each.get("username") for each in objects(channel.get("participants"))])
