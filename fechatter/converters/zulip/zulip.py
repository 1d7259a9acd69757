"""An export of a Zulip organization: realm.json, messages-000001.json and so on, attachment.json, and the files.

https://zulip.com/help/export-your-organization; docs/import/zulip.md says what becomes of it.
"""

import re
from collections.abc import Iterator
from typing import Final

from fechatter.archives.records import AnyRecord, Archive, Chat, Emoji, File, Member, Person, Role, Workspace
from fechatter.converters import json_stream, texts
from fechatter.converters.converting import Converter, Json, number_of, seconds
from fechatter.converters.zulip import markup
from fechatter.converters.zulip.messages import ZulipMessages
from fechatter.converters.zulip.realm import STREAM, Realm

_ROLES: Final[dict[int, Role | None]] = {100: "owner", 200: "admin", 300: "member", 400: "member", 600: None}


class Zulip(Converter):
    def _records(self) -> Iterator[AnyRecord]:
        self.export.move_to("realm.json")
        with self.export.open("realm.json") as opened:
            realm = Realm.of(json_stream.members(opened, "realm.json"))
        name = texts.line(realm.realm.get("name")) or texts.line(realm.realm.get("string_id")) or "Zulip"
        yield Archive(version=1, source="zulip", origin=self._origin(realm))
        yield Workspace(name=name[:80], description=texts.clean(realm.realm.get("description"))[:1000])
        yield from self._all_emoji(realm)
        pictures = self._pictures()
        for person in realm.people:
            yield from self._person(person, pictures)
        for stream in realm.streams.values():
            yield from self._stream(stream, realm)
        yield from ZulipMessages(self, realm, self._markup()).records()

    def _origin(self, realm: Realm) -> str:
        said = realm.realm.get("uuid") or realm.realm.get("string_id") or realm.realm.get("id")
        return texts.line(str(said))[:200] or "zulip"

    def _pictures(self) -> dict[int, str]:
        """Avatars as they were uploaded, by person."""
        found: dict[int, str] = {}
        for record in self._list("avatars/records.json"):
            person, path = record.get("user_profile_id"), texts.clean(record.get("path") or record.get("s3_path"))
            name = f"avatars/{path}"
            if (
                isinstance(person, int)
                and path
                and name in self.export
                and (path.endswith(".original") or person not in found)
            ):
                found[person] = name
        return found

    def _list(self, name: str) -> Iterator[Json]:
        if name in self.export:
            with self.export.open(name) as opened:
                yield from json_stream.elements(opened, name)

    def _all_emoji(self, realm: Realm) -> Iterator[AnyRecord]:
        paths = {
            texts.clean(record.get("file_name")): f"emoji/{texts.clean(record.get('path') or record.get('s3_path'))}"
            for record in self._list("emoji/records.json")
        }
        for emoji in realm.emoji:
            name = texts.line(emoji.get("name"))
            if emoji.get("deactivated") is True:
                self.report.lose("custom emoji that were removed", name)
                continue
            file = texts.clean(emoji.get("file_name"))
            ours = self.emoji.add(name) if file else None
            if ours is None:
                self.report.lose("custom emoji without a picture or a name of their own, or above 500", name)
                continue
            key = f"emoji:{texts.line(str(emoji.get('id')))}"[:200]
            yield File(id=key, path=self.export.whole(paths.get(file, f"emoji/{file}"))[-1024:], name=file)
            yield Emoji(name=ours, file=key)

    def _person(self, person: Json, pictures: dict[int, str]) -> Iterator[AnyRecord]:
        number = number_of(person.get("id"))
        if number is None:
            self.report.lose("people without an id")
            return
        email = texts.line(person.get("delivery_email") or person.get("email"))
        real = email and not re.search(r"\.invalid$|^user\d+@", email)
        avatar = None
        if number in pictures:
            avatar = File(id=f"avatar:{number}", path=self.export.whole(pictures[number]), name=f"avatar-{number}")
            yield avatar
        given = _role(person)
        active = person.get("is_active") is True and person.get("is_mirror_dummy") is not True
        if given is None and active:
            self.report.lose("the membership of guests, who are in no workspace here", str(number))
        name = texts.line(person.get("full_name")) or f"User {number}"
        yield from self.person(
            Person(
                id=str(number),
                fullname=name,
                username=re.sub(r"[^A-Za-z0-9]+", ".", name).strip(".")[:32] or None,
                email=email if real else None,
                type="bot" if person.get("is_bot") is True else "person",
                active=active,
                role=given if active else None,
                created_at=seconds(person.get("date_joined")),
                time_zone=texts.line(person.get("timezone"))[:64] or None,
                avatar=avatar.id if avatar else None,
            ),
            name,
        )

    def _stream(self, stream: Json, realm: Realm) -> Iterator[AnyRecord]:
        created = seconds(stream.get("date_created"))
        yield Chat(
            id=f"stream:{stream['id']}",
            type="PrivateChannel" if stream.get("invite_only") is True else "PublicChannel",
            name=texts.line(stream.get("name")) or str(stream["id"]),
            description=self.without_mentions(markup.markdown(texts.clean(stream.get("description")), self._markup())),
            created_at=created,
            archived_at=created if stream.get("deactivated") is True else None,
        )
        for row in realm.members.get(realm.recipient_of.get((STREAM, stream["id"]), 0), ()):
            person = str(row["user_profile"])
            yield from self.stranger(person)
            muted = row.get("is_muted") is True or row.get("in_home_view") is False
            yield Member(
                chat=f"stream:{stream['id']}",
                person=person,
                role="admin" if row.get("role") == 20 else "member",
                notifications="mentions" if muted else "all",
            )

    def _markup(self) -> markup.Markup:
        return markup.Markup({name: key for key, name in self.people.items()}, self.people.keys(), self.expand)


def _role(person: Json) -> Role | None:
    given = person.get("role")
    if isinstance(given, int):
        return _ROLES.get(given, "member")
    if person.get("is_guest") is True:
        return None
    return "admin" if person.get("is_realm_admin") is True else "member"
