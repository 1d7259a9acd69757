"""A dump of Rocket.Chat's database: a folder, zip or tar of mongodump, a file of BSON for each collection.

https://docs.rocket.chat (its collections have no reference of their own); docs/import/rocketchat.md has what is read.
"""

import gzip
from collections.abc import Iterator
from typing import IO, BinaryIO, Final, cast

from fechatter.archives.records import AnyRecord, Archive, Chat, ChatType, Emoji, File, Member, Person, Role, Workspace
from fechatter.archives.source import Careful, Source
from fechatter.converters import texts
from fechatter.converters.converting import Converter, Json, an_object, key_of, objects, strings
from fechatter.converters.rocketchat import bson
from fechatter.converters.rocketchat.files import GridFs
from fechatter.converters.rocketchat.messages import RocketChatMessages, moment_of

_TYPES: Final[dict[str, ChatType]] = {"c": "PublicChannel", "p": "PrivateChannel"}
_SYSTEM: Final = "rocket.cat"


class RocketChat(Converter):
    def __init__(self, source: Source) -> None:
        self._stores: dict[str, GridFs] = {}
        super().__init__(source)

    def _begin(self) -> None:
        super()._begin()
        self._direct: set[str] = set()  # direct chats and groups, whose members their rooms have
        self._by_name: dict[str, str] = {}  # people

    def _records(self) -> Iterator[AnyRecord]:
        self.export.move_to("users.bson", "users.bson.gz")
        settings = {texts.line(row.get("_id")): row.get("value") for row in self.collection("rocketchat_settings")}
        yield Archive(version=1, source="rocketchat", origin=key_of(settings.get("uniqueID")) or "rocketchat")
        yield Workspace(name=(texts.line(settings.get("Site_Name")) or "Rocket.Chat")[:80])
        yield from self._all_emoji()
        rooms: dict[str, list[str]] = {}  # in which somebody is, as the people have it
        for user in self.collection("users"):
            yield from self._user(user)
            rooms[key_of(user.get("_id"))] = strings(user.get("__rooms"))
        self._by_name = {name: key for key, name in self.people.items()}
        chats: dict[str, str] = {}
        for room in self.collection("rocketchat_room"):
            yield from self._room(room, chats)
        if any(name.startswith("rocketchat_subscription.bson") for name in self.export.names()):
            yield from self._members(chats)
        else:
            yield from self._members_by_person(chats, rooms)
        messages = RocketChatMessages(self, chats, self._store("rocketchat_uploads"), self._uploads_beside())
        yield from messages.records(lambda: self.collection("rocketchat_message"))

    def collection(self, name: str) -> Iterator[Json]:
        """Its documents; none if the dump does not have it."""
        for file in (f"{name}.bson", f"{name}.bson.gz"):
            if file in self.export:
                with self.export.open(file) as opened:
                    yield from bson.documents(_unpacked(opened, file) if file.endswith(".gz") else opened, file)
                return

    def _store(self, name: str) -> GridFs:
        if name not in self._stores:
            self._stores[name] = GridFs(self.export, name)
        return self._stores[name]

    def size(self, name: str) -> int | None:
        for store in self._stores.values():
            if (size := store.size(name)) is not None:
                return size
        return super().size(name)

    def open(self, name: str) -> BinaryIO:
        for store in self._stores.values():
            if store.size(name) is not None:
                return store.open(name)
        return super().open(name)

    def _all_emoji(self) -> Iterator[AnyRecord]:
        store = self._store("custom_emoji")
        for emoji in self.collection("rocketchat_custom_emoji"):
            name = texts.line(emoji.get("name"))
            file = f"{name}.{texts.line(emoji.get('extension'))}"
            ours = self.emoji.add(name)
            if ours is None:
                self.report.lose("custom emoji without a picture or a name of their own, or above 500", name)
                continue
            yield File(id=f"emoji:{name}"[:200], path=store.path(file), name=file)
            yield Emoji(name=ours, file=f"emoji:{name}"[:200])
            for alias in strings(emoji.get("aliases")):
                self.emoji.known_as(alias, name)

    def _user(self, user: Json) -> Iterator[AnyRecord]:
        key = key_of(user.get("_id"))
        if not key:
            self.report.lose("people without an id")
            return
        kind, roles = user.get("type"), strings(user.get("roles"))
        bot = kind == "bot" or "bot" in roles or key == _SYSTEM
        visitor = kind not in ("user", "bot", "app", None)
        active = user.get("active") is True and not visitor
        guest = "guest" in roles or "anonymous" in roles
        if guest and active:
            self.report.lose("the membership of guests, who are in no workspace here", key)
        addresses = [texts.line(each.get("address")) for each in objects(user.get("emails"))]
        name = texts.line(user.get("username"))
        role: Role | None = "owner" if "admin" in roles else "member"
        yield from self.person(
            Person(
                id=key,
                fullname=texts.line(user.get("name")) or name or key,
                username=name or None,
                email=next(filter(None, addresses), None),
                type="bot" if bot else "person",
                active=active,
                role=role if active and not guest else None,
                created_at=moment_of(user.get("createdAt")),
            ),
            name,
        )

    def _room(self, room: Json, chats: dict[str, str]) -> Iterator[AnyRecord]:
        key, kind = key_of(room.get("_id")), room.get("t")
        if not key or key in chats:
            return
        if kind == "d":
            people = self._people_in(room)
            if not people:
                self.report.lose("direct chats without people", key)
                return
            for person in people:
                yield from self.stranger(person)
            # Some servers have several rooms for the same people: their messages come together.
            same = f"direct:{','.join(sorted(people))}" if len(people) <= 4 else key
            chats[key] = same[:200]
            known = chats[key] in self._direct
            self._direct.add(chats[key])
            if not known:
                yield Chat(id=chats[key], type="Single" if len(people) == 2 else "Group")
                for person in people:
                    yield Member(chat=chats[key], person=person)
            return
        if kind not in _TYPES:
            self.report.lose(
                "rooms of Livechat" if kind == "l" else f"rooms of the type {texts.line(str(kind))[:20]}", key
            )
            return
        chats[key] = key
        parent = texts.line(room.get("prid"))
        about = [texts.clean(room.get(part)) for part in ("description", "topic", "announcement")]
        yield Chat(
            id=key,
            type=_TYPES[str(kind)],
            name=texts.line(room.get("fname") if parent else room.get("name")) or texts.line(room.get("name")) or key,
            description="\n\n".join(dict.fromkeys(filter(None, about))),
            created_at=moment_of(room.get("ts")),
            archived_at=moment_of(room.get("_updatedAt") or room.get("ts")) if room.get("archived") is True else None,
        )

    def _members(self, chats: dict[str, str]) -> Iterator[AnyRecord]:
        """Subscriptions say who is in a room; those of direct chats are known already."""
        seen: set[tuple[str, str]] = set()
        for row in self.collection("rocketchat_subscription"):
            room, person = chats.get(key_of(row.get("rid"))), key_of(an_object(row.get("u")).get("_id"))
            if room is None or not person or room in self._direct or (room, person) in seen:
                continue
            seen.add((room, person))
            roles = strings(row.get("roles"))
            yield from self.stranger(person, texts.line(an_object(row.get("u")).get("username")))
            yield Member(
                chat=room,
                person=person,
                role="owner" if "owner" in roles else "admin" if "moderator" in roles else "member",
                joined_at=moment_of(row.get("ts")),
                notifications="none" if row.get("disableNotifications") is True else "all",
            )

    def _members_by_person(self, chats: dict[str, str], rooms: dict[str, list[str]]) -> Iterator[AnyRecord]:
        """Of a dump without subscriptions: people have the ids of their rooms, too, but not what they are there."""
        self.report.lose("roles in channels: rocketchat_subscription is not in the dump", amount=bool(chats))
        for person, listed in rooms.items():
            for room in dict.fromkeys(listed):
                if person in self.people and room in chats and chats[room] not in self._direct:
                    yield Member(chat=room, person=person)

    def _people_in(self, room: Json) -> list[str]:
        """Of a direct chat. Old ones have no `uids`: names, or the ids of two in one (RocketChat#19809)."""
        found = strings(room.get("uids"))
        if not found:
            found = [self._by_name[name] for name in strings(room.get("usernames")) if name in self._by_name]
        if not found:
            both = key_of(room.get("_id"))
            pairs = ((both[:at], both[at:]) for at in range(1, len(both)))
            found = next((list(pair) for pair in pairs if self.people.keys() >= set(pair)), [])
        return list(dict.fromkeys(found))

    def _uploads_beside(self) -> dict[str, str]:
        """Files that are kept outside of the database, by id: in a folder `uploads` anywhere, `files/uploads` in what
        Rocket.Chat's own hosting exports. Their names may have an ending.
        """
        found: dict[str, str] = {}
        for name in self.export.source.names():
            folder, _, file = name.rpartition("/")
            if folder.rpartition("/")[2] == "uploads":
                found[file.partition(".")[0]] = name
        return found


def _unpacked(opened: BinaryIO, name: str) -> BinaryIO:
    return cast(BinaryIO, Careful(cast("IO[bytes]", gzip.GzipFile(fileobj=opened)), name))
